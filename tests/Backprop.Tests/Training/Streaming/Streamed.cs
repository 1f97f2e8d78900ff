using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Tests.Training;

/// <summary>Tables that are larger than the least memory cap, and what becomes of them row by row.</summary>
internal static class Streamed
{
    public const long Cap = 1 << 20;

    public const int Columns = 60;

    public static TrainingOptions Options => new()
    {
        Hidden = [8],
        Epochs = 2,
        BatchSize = 50,
        MemoryCap = Cap,
        Engine = Catalogue.Engine(1, null),
    };

    /// <summary>Classes 0, 1 and 2, one after the other, with features around one place each; some non-zeros or all.</summary>
    public static Examples<float> Classes(int rows, bool sparse = false, long seed = 3)
    {
        var random = new TorchRandom(seed);
        var (features, targets, weights) = (new float[rows * Columns], new float[rows], new float[rows]);
        random.FillNormal<float>(features, 0, 1);
        random.FillUniform<float>(weights, 0.5, 1.5);
        for (var row = 0; row < rows; row++)
        {
            targets[row] = 3 * row / rows;
            for (var column = 0; column < Columns; column++)
            {
                ref var x = ref features[row * Columns + column];
                var own = column % 3 == (int)targets[row];
                x = sparse && (random.NextUInt32() % 40 > (own ? 3u : 0u)) ? 0 : x + (own ? 0.4f : 0);
            }
        }

        return sparse ? new(Compress(rows, features), targets, weights) : new(rows, features, targets, weights);
    }

    public static Model Network { get; } = new Mlp([Columns, 8, 3], Activation.Of(new Relu()), Head.Multiclass);

    /// <summary>Gives every row of a table.</summary>
    public static void Add<T>(this RowWriter<T> writer, Examples<T> table) where T : unmanaged, IFloatingPointIeee754<T>
    {
        for (var row = 0; row < table.Rows; row++)
        {
            var targets = table.Targets.AsSpan(row * table.TargetColumns, table.TargetColumns);
            var weight = table.Weights?[row];
            if (table.SparseFeatures is { } sparse)
            {
                var own = sparse.RowStarts[row]..sparse.RowStarts[row + 1];
                writer.Add(sparse.ColumnIndices[own], sparse.Values[own], targets, weight);
            }
            else
            {
                writer.Add(table.Features.AsSpan(row * table.FeatureColumns, table.FeatureColumns), targets, weight);
            }
        }
    }

    /// <summary>Trains on a table's rows given one after another.</summary>
    public static TrainingResult<T> Fit<T>(
        Model model, Examples<T> table, TrainingOptions options, Examples<T>? validation = null, CancellationToken cancellation = default)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var data = DataOf(model, table, options, validation);
        return data.Fit(cancellation);
    }

    /// <summary>The rows of a table, given one after another.</summary>
    public static TrainingData<T> DataOf<T>(Model model, Examples<T> table, TrainingOptions options, Examples<T>? validation = null)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var data = new TrainingData<T>(model, options, new(Weights: table.Weights is not null, ValidationRows: validation is not null));
        data.Training.Add(table);
        if (validation is not null)
        {
            data.Validation.Add(validation);
        }

        return data;
    }

    private static SparseMatrix<float> Compress(int rows, float[] features)
    {
        var (starts, columns, values) = (new List<int> { 0 }, new List<int>(), new List<float>());
        for (var i = 0; i < features.Length; i++)
        {
            if (features[i] != 0)
            {
                columns.Add(i % Columns);
                values.Add(features[i]);
            }

            if (i % Columns == Columns - 1)
            {
                starts.Add(values.Count);
            }
        }

        return new(rows, Columns, [.. starts], [.. columns], [.. values]);
    }
}
