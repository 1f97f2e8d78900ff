using Backprop.Audit;
using Backprop.Formulas;
using Backprop.ML;
using Backprop.Models;
using Backprop.Training;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;

namespace Backprop.Comparisons.MachineLearning;

/// <summary>What Fit does with a view before it trains.</summary>
internal sealed class EngineIntake(IDataView view) : Contender
{
    private readonly MLContext ml = new(seed: 1);
    private readonly ExampleColumns columns = new(
        view.Schema[nameof(IntakeData.Row.Features)], view.Schema[nameof(IntakeData.Row.Label)], view.Schema[nameof(IntakeData.Row.Weight)]);

    /// <inheritdoc/>
    public override void Run() => Read();

    /// <inheritdoc/>
    public override double[] Results()
    {
        var table = Read();
        var features = new float[table.FeatureColumns];
        var sums = new RowSums();
        for (var row = 0; row < table.Rows; row++)
        {
            table.CopyFeaturesTo(row, features);
            sums.Add(features, table.Targets[row], table.Weights![row]);
        }

        return sums.Values;
    }

    private Examples<float> Read()
    {
        using var channel = ((IChannelProvider)ml).Start("Training");
        var model = new Mlp([columns.FeatureCount, 1], Activation.Of(new Relu()), Head.Binary);
        using var data = new TrainingData<float>(model, new(), new(Weights: true));
        new Intake(channel, classes: null, model.TakesMissing, new(columns.Features), CancellationToken.None).Read(view, columns, data.Training, "training");
        return data.ToTables().Training;
    }
}

/// <summary>A loop over the same columns.</summary>
internal abstract class CursorLoop(IDataView view) : Contender
{
    /// <inheritdoc/>
    public sealed override double[] Results()
    {
        var sums = new RowSums();
        Read((in features, label, weight) => sums.Add([.. features.DenseValues()], label ? 1 : 0, weight));
        return sums.Values;
    }

    /// <summary>Takes a row.</summary>
    protected delegate void Consumer(in VBuffer<float> features, bool label, float weight);

    /// <summary>Reads every row.</summary>
    protected void Read(Consumer? consumer)
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var featuresOf = cursor.GetGetter<VBuffer<float>>(view.Schema[nameof(IntakeData.Row.Features)]);
        var labelOf = cursor.GetGetter<bool>(view.Schema[nameof(IntakeData.Row.Label)]);
        var weightOf = cursor.GetGetter<float>(view.Schema[nameof(IntakeData.Row.Weight)]);
        var (features, label, weight) = (default(VBuffer<float>), false, 0f);
        while (cursor.MoveNext())
        {
            featuresOf(ref features);
            labelOf(ref label);
            weightOf(ref weight);
            consumer?.Invoke(in features, label, weight);
        }
    }
}

/// <summary>Its values are read and forgotten.</summary>
internal sealed class BareCursor(IDataView view) : CursorLoop(view)
{
    /// <inheritdoc/>
    public override void Run() => Read(null);
}

/// <summary>Every number it reads is copied, of sparse rows the non-zeros and their places.</summary>
internal sealed class CopyingCursor(IDataView view, int rows) : CursorLoop(view)
{
    /// <inheritdoc/>
    public override void Run()
    {
        float[]? values = null;
        int[]? indices = null;
        var (labels, weights) = (GC.AllocateUninitializedArray<float>(rows), GC.AllocateUninitializedArray<float>(rows));
        var (row, at) = (0, 0);
        Read((in features, label, weight) =>
        {
            // Every row of these views has as many.
            var given = features.GetValues();
            values ??= GC.AllocateUninitializedArray<float>(rows * given.Length);
            given.CopyTo(values.AsSpan(at));
            if (!features.IsDense)
            {
                indices ??= GC.AllocateUninitializedArray<int>(rows * given.Length);
                features.GetIndices().CopyTo(indices.AsSpan(at));
            }

            at += given.Length;
            labels[row] = label ? 1 : 0;
            weights[row++] = weight;
        });
    }
}

/// <summary>Sums that tell whether two passes saw the same rows in the same order.</summary>
internal sealed class RowSums
{
    private int rows;
    private double features;
    private double labels;
    private double weights;

    /// <summary>The sums: each row's numbers count as often as its place says.</summary>
    public double[] Values => [rows, features, labels, weights];

    /// <summary>Adds a row.</summary>
    public void Add(ReadOnlySpan<float> row, float label, float weight)
    {
        rows++;
        foreach (var value in row)
        {
            features += rows * (double)value;
        }

        labels += rows * label;
        weights += rows * weight;
    }
}
