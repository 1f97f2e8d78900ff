using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(FeatureAttributionTransformer), null, typeof(SignatureLoadModel),
    "Feature attribution of a multilayer perceptron", FeatureAttributionTransformer.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Adds a vector with what each feature of a row gives to a network's output, in slots named as the features' are.</summary>
public sealed class FeatureAttributionTransformer : RowToRowTransformerBase, ITransformer
{
    internal const string LoaderSignature = "BackpropAttribution";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPATTRIB", LoaderSignature);

    private readonly FeatureAttributionSettings settings;
    private readonly FeatureAttributor attributor;

    internal FeatureAttributionTransformer(IHostEnvironment environment, FeatureAttributionSettings settings)
        : base(environment.Register(LoaderSignature))
        => (this.settings, attributor) = (settings, settings.ToAttributor());

    // Called by ML.NET when a model is loaded.
    private FeatureAttributionTransformer(IHostEnvironment environment, ModelLoadContext context)
        : this(environment, FeatureAttributionSettings.Load(context.Checked(Version)))
    {
    }

    /// <summary>Adds the vector. A row's has the same bits here, in a PredictionEngine, and in any batch.</summary>
    public new IDataView Transform(IDataView input) => new ReadAheadView(
        input, MakeDataTransform(input), settings.FeatureColumn, settings.Network, new AttributionColumns(attributor, settings.OutputColumn));

    // A chain calls the interface: implemented again here, it reaches the batched view instead of the base class's.
    IDataView ITransformer.Transform(IDataView input) => Transform(input);

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        settings.Save(ctx);
    }

    /// <inheritdoc/>
    protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase
    {
        private readonly FeatureAttributionTransformer parent;
        private readonly DataViewSchema.Column features;

        public Mapper(FeatureAttributionTransformer parent, DataViewSchema schema)
            : base(parent.Host, schema, parent)
        {
            this.parent = parent;
            var (name, expected) = (parent.settings.FeatureColumn, new VectorDataViewType(NumberDataViewType.Single, parent.settings.Network.Model.Inputs));
            features = schema.GetColumnOrNull(name) ?? throw Host.ExceptSchemaMismatch(nameof(schema), "feature", name);
            if (!features.Type.Equals(expected))
            {
                throw Host.ExceptSchemaMismatch(nameof(schema), "feature", name, expected.ToString(), features.Type.ToString());
            }
        }

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            annotations.Add(features.Annotations, name => name == AnnotationUtils.Kinds.SlotNames);
            return [new(parent.settings.OutputColumn, features.Type, annotations.ToAnnotations())];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null!;
            var (featuresOf, map, row) =
                (input.GetGetter<VBuffer<float>>(input.Schema[features.Index]), parent.attributor.GetMapper(), default(VBuffer<float>));
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> attributions) =>
            {
                featuresOf(ref row);
                map(in row, ref attributions);
            });
        }

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput) => column => activeOutput(0) && column == features.Index;

        protected override void SaveModel(ModelSaveContext ctx) => parent.SaveModel(ctx);
    }
}
