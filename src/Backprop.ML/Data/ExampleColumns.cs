using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>The columns of a view that are read for training; the estimator has checked their types.</summary>
/// <param name="Features">Vectors of Single of a known size.</param>
/// <param name="Label">A Boolean, a key of UInt32, a Single, or a vector of Single of a known size.</param>
/// <param name="Weight">A Single, or null where every row weighs 1.</param>
/// <param name="Group">See <see cref="GroupColumn"/>; null where every row stands for itself.</param>
internal readonly record struct ExampleColumns(
    DataViewSchema.Column Features, DataViewSchema.Column Label, DataViewSchema.Column? Weight, DataViewSchema.Column? Group = null)
{
    /// <summary>Those that have the roles.</summary>
    /// <param name="data">The view and its roles.</param>
    /// <param name="group">The column of groups, or null.</param>
    /// <exception cref="ArgumentException">There is no such column of groups.</exception>
    internal static ExampleColumns Of(RoleMappedData data, string? group = null)
    {
        var (schema, roles) = (data.Data.Schema, data.Schema);
        if (group is not null)
        {
            GroupColumn.Check(SchemaShape.Create(schema), group);
        }

        return new(roles.Feature!.Value, roles.Label!.Value, roles.Weight, group is null ? null : schema[group]);
    }

    /// <summary>Numbers in a feature vector.</summary>
    internal int FeatureCount => ((VectorDataViewType)Features.Type).Size;

    /// <summary>Numbers in a label.</summary>
    internal int TargetCount => Label.Type is VectorDataViewType type ? type.Size : 1;

    /// <summary>A cursor over these columns alone.</summary>
    internal DataViewRowCursor OpenCursor(IDataView data)
    {
        DataViewSchema.Column?[] columns = [Features, Label, Weight, Group];
        return data.GetRowCursor(columns.OfType<DataViewSchema.Column>());
    }
}
