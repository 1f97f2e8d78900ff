using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>The columns of a view that are read for training; the estimator has checked their types.</summary>
/// <param name="Features">Vectors of Single of a known size.</param>
/// <param name="Label">A Boolean, a key of UInt32, a Single, or a vector of Single of a known size.</param>
/// <param name="Weight">A Single, or null where every row weighs 1.</param>
internal readonly record struct ExampleColumns(DataViewSchema.Column Features, DataViewSchema.Column Label, DataViewSchema.Column? Weight)
{
    /// <summary>Those that have the roles.</summary>
    internal static ExampleColumns Of(RoleMappedData data) => new(data.Schema.Feature!.Value, data.Schema.Label!.Value, data.Schema.Weight);

    /// <summary>Numbers in a feature vector.</summary>
    internal int FeatureCount => ((VectorDataViewType)Features.Type).Size;

    /// <summary>Numbers in a label.</summary>
    internal int TargetCount => Label.Type is VectorDataViewType type ? type.Size : 1;

    /// <summary>A cursor over these columns alone.</summary>
    internal DataViewRowCursor OpenCursor(IDataView data) => data.GetRowCursor(Weight is { } weight ? [Features, Label, weight] : [Features, Label]);
}
