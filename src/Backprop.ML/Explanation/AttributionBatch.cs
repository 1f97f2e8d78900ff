using Microsoft.ML;
using Microsoft.ML.Data;

namespace Backprop.ML;

/// <summary>Room for some rows of features and what each feature gives to the row's prediction.</summary>
internal sealed class AttributionBatch(FeatureAttributor attributor, int rows) : ScoreBatch(attributor.Network, rows)
{
    private readonly int inputs = attributor.Network.Model.Inputs;
    private readonly VBuffer<float>[] loaded = new VBuffer<float>[rows];
    private readonly float[] features = new float[rows * attributor.Network.Model.Inputs];
    private readonly float[] attributions = new float[rows * attributor.Network.Model.Inputs];
    private readonly int[] explained = new int[rows];

    /// <inheritdoc/>
    internal override void Load(int row, in VBuffer<float> values)
    {
        base.Load(row, in values);
        values.CopyTo(ref loaded[row]);
        values.CopyTo(features.AsSpan(row * inputs, inputs));
    }

    /// <inheritdoc/>
    internal override void Score(int count)
    {
        if (attributor.ReadsScores)
        {
            base.Score(count);
        }

        for (var row = 0; row < count; row++)
        {
            explained[row] = attributor.OutputOf(this[row]);
        }

        attributor.Explain(features.AsSpan(0, count * inputs), explained.AsSpan(0, count), attributions.AsSpan(0, count * inputs));
    }

    /// <summary>A getter of the attributions of the row that <paramref name="row"/> tells: sparse where the row is and the others are 0.</summary>
    internal ValueGetter<VBuffer<float>> AttributionsGetter(Func<int> row) => (ref VBuffer<float> value) =>
    {
        var own = attributions.AsSpan(row() * inputs, inputs);
        if (!attributor.KeepsZeros || loaded[row()].IsDense)
        {
            var all = VBufferEditor.Create(ref value, inputs);
            own.CopyTo(all.Values);
            value = all.Commit();
            return;
        }

        var indices = loaded[row()].GetIndices();
        var some = VBufferEditor.Create(ref value, inputs, indices.Length);
        indices.CopyTo(some.Indices);
        for (var i = 0; i < indices.Length; i++)
        {
            some.Values[i] = own[indices[i]];
        }

        value = some.Commit();
    };
}
