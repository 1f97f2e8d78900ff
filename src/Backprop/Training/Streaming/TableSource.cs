using System.Numerics;
using System.Security.Cryptography;
using Backprop.Models;

namespace Backprop.Training;

/// <summary>Rows of a table in memory: a pass's order is any of all orders.</summary>
/// <param name="table">The table.</param>
/// <param name="rows">Which of its rows.</param>
internal sealed class TableSource<T>(Examples<T> table, int[] rows) : RowSource<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private int[]? order;
    private int[]? chosen;

    public override long Rows => rows.Length;

    public override bool SparseFeatures => table.SparseFeatures is not null;

    public override void Shuffle(TorchRandom random, int batch)
    {
        order ??= new int[rows.Length];
        random.FillPermutation(order);
        (chosen, Position) = (new int[batch], 0);
    }

    public override void Rewind(int batch) => (chosen, Position) = (null, 0);

    public override void AppendTo(IncrementalHash hash)
    {
        hash.Append<int>(rows);
        hash.Append<T>(table.Targets);
        hash.Append<T>(table.Weights);
        if (table.SparseFeatures is { } sparse)
        {
            hash.Append(sparse.RowStarts);
            hash.Append(sparse.ColumnIndices);
            hash.Append(sparse.Values);
        }
        else
        {
            hash.Append<T>(table.Features);
        }
    }

    public override bool AnyCounts(Model model)
        => Array.Exists(rows, row => model.Counts<T>(table.Targets.AsSpan(row * table.TargetColumns, table.TargetColumns)));

    public override void Exchange(StateStream stream, TorchRandom random, int batch)
    {
        var position = (int)Position;
        order ??= new int[rows.Length];
        stream.Exchange(random);
        stream.Exchange(order.AsSpan());
        stream.Exchange(ref position);
        (chosen, Position) = (new int[batch], position);
    }

    private protected override FeatureSample<T> Choose(int most, TorchRandom random) => new(table.Features, table.FeatureColumns, rows);

    private protected override RowBatch<T> Take(int count)
    {
        var position = (int)Position;
        if (chosen is null)
        {
            return new(table, rows.AsSpan(position, count));
        }

        for (var i = 0; i < count; i++)
        {
            chosen[i] = rows[order![position + i]];
        }

        return new(table, chosen.AsSpan(0, count));
    }
}
