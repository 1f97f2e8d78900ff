using Backprop.ML;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Model.OnnxConverter;
using Microsoft.ML.Runtime;

[assembly: LoadableClass(
    typeof(FeatureConcatenatingTransformer), null, typeof(SignatureLoadModel),
    "Features of a multilayer perceptron", FeatureConcatenatingTransformer.LoaderSignature)]

namespace Backprop.ML;

/// <summary>Adds the feature vector of columns of any type. See <see cref="FeatureConcatenation"/>.</summary>
public sealed class FeatureConcatenatingTransformer : RowToRowTransformerBase
{
    internal const string LoaderSignature = "BackpropFeatures";
    private static readonly VersionInfo Version = ModelFileVersion.Of("BPFEATUR", LoaderSignature);

    private readonly string output;
    private readonly IReadOnlyList<ConcatenatedColumn> columns;

    internal FeatureConcatenatingTransformer(IHostEnvironment environment, string output, IReadOnlyList<ConcatenatedColumn> columns)
        : base(environment.Register(LoaderSignature))
        => (this.output, this.columns) = (output, columns);

    // Called by ML.NET when a model is loaded.
    private FeatureConcatenatingTransformer(IHostEnvironment environment, ModelLoadContext context)
        : base(environment.Register(LoaderSignature))
    {
        output = context.Checked(Version).LoadNonEmptyString();
        var read = new List<ConcatenatedColumn>();
        for (var left = context.Reader.ReadInt32(); left > 0; left--)
        {
            read.Add(new(context.LoadNonEmptyString(), context.Reader.ReadInt32(), context.Reader.ReadBoolean() ? CategoryNumbers.Load(context.Reader) : null));
        }

        columns = read;
    }

    /// <summary>The values of a categorical column that have a number, in order from 1, as text: of keys, their numbers.</summary>
    /// <exception cref="ArgumentException">There is no such column.</exception>
    public IReadOnlyList<string> CategoriesOf(string inputColumnName)
    {
        var categorical = columns.Where(column => column.Categories is not null).ToDictionary(column => column.Name, column => column.Categories!);
        return categorical.TryGetValue(inputColumnName, out var categories)
            ? [.. categories.Texts]
            : throw new ArgumentException($"'{inputColumnName}' is no categorical column of these features. There are: {string.Join(", ", categorical.Keys)}.");
    }

    /// <inheritdoc/>
    protected override void SaveModel(ModelSaveContext ctx)
    {
        ctx.CheckAtModel();
        ctx.SetVersionInfo(Version);
        ctx.SaveNonEmptyString(output);
        ctx.Writer.Write(columns.Count);
        foreach (var (name, slots, categories) in columns)
        {
            ctx.SaveNonEmptyString(name);
            ctx.Writer.Write(slots);
            ctx.Writer.Write(categories is not null);
            categories?.Save(ctx.Writer);
        }
    }

    /// <inheritdoc/>
    protected override IRowMapper MakeRowMapper(DataViewSchema schema) => new Mapper(this, schema);

    private sealed class Mapper : MapperBase, ISaveAsOnnx
    {
        private readonly FeatureConcatenatingTransformer parent;
        private readonly (ConcatenatedColumn Of, DataViewSchema.Column From, int First)[] parts;
        private readonly int size;

        public Mapper(FeatureConcatenatingTransformer parent, DataViewSchema schema)
            : base(parent.Host, schema, parent)
        {
            this.parent = parent;
            parts = new (ConcatenatedColumn, DataViewSchema.Column, int)[parent.columns.Count];
            for (var i = 0; i < parts.Length; i++)
            {
                parts[i] = (parent.columns[i], parent.columns[i].In(schema), size);
                size += parent.columns[i].Slots;
            }
        }

        bool ICanSaveOnnx.CanSaveOnnx(OnnxContext ctx) => true;

        protected override DataViewSchema.DetachedColumn[] GetOutputColumnsCore()
        {
            var annotations = new DataViewSchema.Annotations.Builder();
            VBuffer<ReadOnlyMemory<char>> names = new(size, [.. parts.SelectMany(part => NamesOf(part.Of, part.From)).Select(name => name.AsMemory())]);
            annotations.AddSlotNames(size, (ref VBuffer<ReadOnlyMemory<char>> value) => names.CopyTo(ref value));
            CategorySlots.Annotate(annotations, AnnotationUtils.Kinds.CategoricalSlotRanges, parts.Where(part => part.Of.Categories is null)
                .SelectMany(part => CategorySlots.RangesOf(part.From).Select(range => (part.First + range.First, part.First + range.Last))));
            CategorySlots.Annotate(annotations, CategorySlots.NumbersAnnotation, parts.SelectMany(part => part.Of.Categories is { } own
                ? [(part.First, own.Count)]
                : CategorySlots.NumbersOf(part.From).Select(number => (part.First + number.First, number.Categories))));
            return [new(parent.output, new VectorDataViewType(NumberDataViewType.Single, size), annotations.ToAnnotations())];
        }

        protected override Delegate MakeGetter(DataViewRow input, int iinfo, Func<int, bool> activeOutput, out Action disposer)
        {
            disposer = null!;
            Action<BufferBuilder<float>>[] writers = [.. parts.Select(part => part.Of.WriterOf(input, input.Schema[part.From.Index], part.First))];
            var builder = BufferBuilder<float>.CreateDefault();
            return (ValueGetter<VBuffer<float>>)((ref VBuffer<float> features) =>
            {
                builder.Reset(size, dense: false);
                foreach (var write in writers)
                {
                    write(builder);
                }

                builder.GetResult(ref features);
            });
        }

        protected override Func<int, bool> GetDependenciesCore(Func<int, bool> activeOutput)
            => column => activeOutput(0) && Array.Exists(parts, part => part.From.Index == column);

        protected override void SaveModel(ModelSaveContext ctx) => parent.SaveModel(ctx);

        void ISaveAsOnnx.SaveAsOnnx(OnnxContext ctx) => FeatureOnnx.Save(ctx, parts.Select(part => (part.Of, part.From)), parent.output);

        private static IEnumerable<string> NamesOf(ConcatenatedColumn of, DataViewSchema.Column from)
        {
            var slots = OutputSchema.SlotNamesOf(from);
            return from.Type is VectorDataViewType
                ? Enumerable.Range(0, of.Slots).Select(i => $"{of.Name}.{(slots is not null && slots[i].Length > 0 ? slots[i] : i)}")
                : [of.Name];
        }
    }
}
