using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.ML;

/// <summary>What the transformers share: ML.NET's schema, annotations, row mapper and saving, but batched scoring in Transform.</summary>
/// <typeparam name="TModel">The model parameters.</typeparam>
public abstract class MultilayerPerceptronTransformer<TModel> : SingleFeaturePredictionTransformerBase<TModel>, ITransformer
    where TModel : class, IMultilayerPerceptronModel
{
    private readonly VersionInfo version;

    private protected MultilayerPerceptronTransformer(
        IHostEnvironment environment, VersionInfo version, TModel model, DataViewSchema trainSchema, string featureColumn)
        : base(environment.Register(version.LoaderSignature), model, trainSchema, featureColumn)
        => this.version = version;

    private protected MultilayerPerceptronTransformer(IHostEnvironment environment, VersionInfo version, ModelLoadContext context)
        : base(environment.Register(version.LoaderSignature), context)
        => this.version = version;

    /// <summary>Adds the output columns. A row's scores have the same bits here, in a PredictionEngine, and in any batch.</summary>
    public new IDataView Transform(IDataView input)
        => new ReadAheadView(input, RowByRow(input), FeatureColumnName, Model.Network, Outputs);

    // A chain calls the interface: implemented again here, it reaches the batched view instead of the base class's.
    IDataView ITransformer.Transform(IDataView input) => Transform(input);

    IRowToRowMapper ITransformer.GetRowToRowMapper(DataViewSchema inputSchema) => (IRowToRowMapper)RowByRow(new EmptyDataView(Host, inputSchema));

    /// <summary>What makes the columns of scores.</summary>
    private protected abstract OutputColumns Outputs { get; }

    /// <summary>ML.NET's own view; the schema is checked first, since its scorers name no column, and ours take any.</summary>
    private IDataView RowByRow(IDataView input)
    {
        GetOutputSchema(input.Schema);
        return base.Transform(input);
    }

    /// <inheritdoc/>
    protected override void SaveCore(ModelSaveContext ctx)
    {
        base.SaveCore(ctx);
        ctx.SetVersionInfo(version);
    }
}
