using System.Numerics;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Training;

/// <summary>Guards the door of training: what, the value, the bound, the next step.</summary>
internal static class Checks
{
    /// <summary>Refuses options that cannot be trained with.</summary>
    public static void Options(TrainingOptions options)
    {
        Require(options.Epochs >= 1, nameof(options.Epochs), options.Epochs, "1 or more");
        Require(options.BatchSize >= 1, nameof(options.BatchSize), options.BatchSize, "1 or more");
        Require(options.Patience >= 1, nameof(options.Patience), options.Patience, "1 or more");
        if (options.Checkpoint is { } checkpoint)
        {
            Require(checkpoint.EveryEpochs is null or >= 1, nameof(checkpoint.EveryEpochs), checkpoint.EveryEpochs!, "1 or more");
            Require(checkpoint.EveryUpdates is null or >= 1, nameof(checkpoint.EveryUpdates), checkpoint.EveryUpdates!, "1 or more");
            var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path));
            Require(folder is null || Directory.Exists(folder), "The folder of the checkpoint", $"'{folder}'", "there");
            Require(checkpoint.Every is not { } every || every > TimeSpan.Zero, nameof(checkpoint.Every), checkpoint.Every!, "longer than 0");
        }

        Require(options.ValidationFraction is >= 0 and < 1, nameof(options.ValidationFraction), options.ValidationFraction, "from 0 to below 1");
        Require(options.Lbfgs is null || options.Schedule is null, nameof(options.Schedule), options.Schedule?.Name, $"null, as {nameof(options.Lbfgs)} wants");
        Require(options.Lbfgs is null || options.Updates == new UpdateOptions(), nameof(options.Updates), "set", $"the default, as {nameof(options.Lbfgs)} wants");
    }

    /// <summary>Refuses updates that make no sense.</summary>
    public static void Updates(UpdateOptions options, SparseUpdate sparseUpdate)
    {
        static bool Positive(double? value) => value is null or > 0;
        Require(Positive(options.ClipNorm), nameof(options.ClipNorm), options.ClipNorm, "above 0");
        Require(Positive(options.ClipValue), nameof(options.ClipValue), options.ClipValue, "above 0");
        Require(options.AccumulatedBatches >= 1, nameof(options.AccumulatedBatches), options.AccumulatedBatches, "1 or more");
        Require(options.AverageDecay is null or (> 0 and < 1), nameof(options.AverageDecay), options.AverageDecay, "above 0 and below 1");
        Require(
            options.AccumulatedBatches == 1 || sparseUpdate == SparseUpdate.Dense,
            nameof(options.AccumulatedBatches), options.AccumulatedBatches, "1, as lazy updates want, which touch the rows of one batch only");
        foreach (var group in options.Groups)
        {
            string Of(string name) => $"{name} of the group '{group.Parameters}'";
            Require(group.LearningRateFactor > 0 && double.IsFinite(group.LearningRateFactor), Of(nameof(group.LearningRateFactor)), group.LearningRateFactor, "a finite number above 0");
            Require(group.WeightDecay is null || (group.WeightDecay >= 0 && double.IsFinite(group.WeightDecay.Value)), Of(nameof(group.WeightDecay)), group.WeightDecay, "a finite number, 0 or above");
            Require(group.L1 is null || (group.L1 >= 0 && double.IsFinite(group.L1.Value)), Of(nameof(group.L1)), group.L1, "a finite number, 0 or above");
        }
    }

    /// <summary>Refuses a table with other columns than the network has.</summary>
    public static void Shape<T>(Examples<T> table, Model model, string rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (table.FeatureColumns != model.Inputs || table.TargetColumns != model.Targets)
        {
            throw new ArgumentException(
                $"{rows} of {table.FeatureColumns} features and {table.TargetColumns} targets do not fit the network {model}, "
                + $"which takes {model.Inputs} and {model.Targets}. Correct the table, or the network's sizes.");
        }
    }

    /// <summary>Refuses a table that does not fit the network, or with a number nothing can be learned from.</summary>
    public static void Table<T>(Examples<T> table, Model model, string purpose) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape(table, model, $"{char.ToUpperInvariant(purpose[0])}{purpose[1..]} rows");
        if (table.FindFeature(x => !T.IsFinite(x)) is var (row, column, value))
        {
            throw new ArgumentException($"Feature {column} of {purpose} row {row} is {value}, not finite. Leave the row out, or replace the value.");
        }

        for (var i = 0; i < table.Rows; i++)
        {
            if (model.FindLabel<T>(table.Targets.AsSpan(i * table.TargetColumns, table.TargetColumns)) is var (label, expected))
            {
                throw new ArgumentException($"The label of {purpose} row {i} is {label}, not {expected}. Leave the row out, or correct it.");
            }
        }

        var bad = table.Weights is null ? -1 : Array.FindIndex(table.Weights, w => !(w > T.Zero && T.IsFinite(w)));
        if (bad >= 0)
        {
            throw new ArgumentException($"The weight of {purpose} row {bad} is {table.Weights![bad]}, not a finite number above 0. Leave the row out, or correct it.");
        }
    }

    /// <summary>Refuses weights that training cannot start from.</summary>
    public static void Start<T>(Weights<T> weights) where T : unmanaged, IFloatingPointIeee754<T>
    {
        foreach (var tensor in weights.Tensors)
        {
            foreach (var number in weights[tensor])
            {
                if (!T.IsFinite(number))
                {
                    throw new ArgumentException($"The tensor {tensor.Name} that training starts from has a number that is {number}, not finite. Start from another network.");
                }
            }
        }
    }

    /// <summary>Refuses rows of which none counts: their mean loss is none.</summary>
    public static void Counted<T>(TableRows<T> rows, Model model, string purpose) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var (targets, columns) = (rows.Table.Targets, rows.Table.TargetColumns);
        if (rows.Rows.Length > 0 && !Array.Exists(rows.Rows, row => model.Counts<T>(targets.AsSpan(row * columns, columns))))
        {
            throw new ArgumentException(
                $"Every one of the {rows.Rows.Length} {purpose} rows is ignored, or of a class with weight 0. Give one that counts.");
        }
    }

    private static void Require(bool holds, string name, object? value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentException($"{name} is {value}, not {bound}. Correct the option.");
        }
    }
}
