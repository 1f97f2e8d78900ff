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
        Intake.Read(view, columns, data.Training, int.MaxValue, "training", channel);
        return data.ToTables().Training;
    }
}

/// <summary>A cursor over the same columns whose values are read and forgotten.</summary>
internal sealed class BareCursor(IDataView view) : Contender
{
    /// <inheritdoc/>
    public override void Run()
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var (featuresOf, labelOf, weightOf) = Getters(cursor);
        var (features, label, weight) = (default(VBuffer<float>), false, 0f);
        while (cursor.MoveNext())
        {
            featuresOf(ref features);
            labelOf(ref label);
            weightOf(ref weight);
        }
    }

    /// <inheritdoc/>
    public override double[] Results()
    {
        using var cursor = view.GetRowCursor(view.Schema);
        var (featuresOf, labelOf, weightOf) = Getters(cursor);
        var (features, label, weight, sums) = (default(VBuffer<float>), false, 0f, new RowSums());
        while (cursor.MoveNext())
        {
            featuresOf(ref features);
            labelOf(ref label);
            weightOf(ref weight);
            sums.Add([.. features.DenseValues()], label ? 1 : 0, weight);
        }

        return sums.Values;
    }

    private static (ValueGetter<VBuffer<float>> Features, ValueGetter<bool> Label, ValueGetter<float> Weight) Getters(DataViewRow row) => (
        row.GetGetter<VBuffer<float>>(row.Schema[nameof(IntakeData.Row.Features)]),
        row.GetGetter<bool>(row.Schema[nameof(IntakeData.Row.Label)]),
        row.GetGetter<float>(row.Schema[nameof(IntakeData.Row.Weight)]));
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
