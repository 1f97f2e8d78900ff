using System.Numerics;
using Backprop.Kernels;
using Backprop.Models;
using Backprop.Planning;
using static System.FormattableString;

namespace Backprop.Training;

/// <summary>Guards the door of training: what, the value, the bound, the next step.</summary>
internal static class Checks
{
    private const int LeastMemoryCap = 1 << 20;
    private const int MostMembers = 1000;

    /// <summary>Refuses options that cannot be trained with.</summary>
    public static void Options(TrainingOptions options)
    {
        Require(options.Epochs >= 1, nameof(options.Epochs), options.Epochs, "1 or more");
        Require(options.BatchSize >= 1, nameof(options.BatchSize), options.BatchSize, "1 or more");
        Require(options.Members is >= 1 and <= MostMembers, nameof(options.Members), options.Members, $"from 1 to {MostMembers}");
        Require(
            options.SharedMembers is >= 1 and <= MostMembers, nameof(options.SharedMembers), options.SharedMembers, $"from 1 to {MostMembers}");
        Require(options.Patience >= 1, nameof(options.Patience), options.Patience, "1 or more");
        if (options.Checkpoint is { } checkpoint)
        {
            Require(checkpoint.EveryEpochs is null or >= 1, nameof(checkpoint.EveryEpochs), checkpoint.EveryEpochs!, "1 or more");
            Require(checkpoint.EveryUpdates is null or >= 1, nameof(checkpoint.EveryUpdates), checkpoint.EveryUpdates!, "1 or more");
            var folder = Path.GetDirectoryName(Path.GetFullPath(checkpoint.Path));
            RequireFolder(folder, "the checkpoint");
            Require(checkpoint.Every is not { } every || every > TimeSpan.Zero, nameof(checkpoint.Every), checkpoint.Every!, "longer than 0");
        }

        Require(options.MemoryCap is null or >= LeastMemoryCap, nameof(options.MemoryCap), options.MemoryCap, $"{LeastMemoryCap} (1 MiB) or more");
        RequireFolder(options.CacheFolder, nameof(options.CacheFolder));
        Require(options.ValidationFraction is >= 0 and < 1, nameof(options.ValidationFraction), options.ValidationFraction, "from 0 to below 1");
        Require(options.Lbfgs is null || options.Schedule is null, nameof(options.Schedule), options.Schedule?.Name, $"null, as {nameof(options.Lbfgs)} wants");
        Require(options.Lbfgs is null || options.Updates == new UpdateOptions(), nameof(options.Updates), "set",
            $"the default, as {nameof(options.Lbfgs)} wants");
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
            Require(group.LearningRateFactor > 0 && double.IsFinite(group.LearningRateFactor), Of(nameof(group.LearningRateFactor)), group.LearningRateFactor,
                "a finite number above 0");
            Require(group.WeightDecay is null || (group.WeightDecay >= 0 && double.IsFinite(group.WeightDecay.Value)), Of(nameof(group.WeightDecay)),
                group.WeightDecay, "a finite number, 0 or above");
            Require(group.L1 is null || (group.L1 >= 0 && double.IsFinite(group.L1.Value)), Of(nameof(group.L1)), group.L1, "a finite number, 0 or above");
        }
    }

    /// <summary>Refuses a table with other columns than the network has.</summary>
    public static void Shape<T>(Examples<T> table, Model model, string rows) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (table.FeatureColumns != model.Inputs || table.TargetColumns != model.Targets)
        {
            throw Unfit(table.FeatureColumns, table.TargetColumns, model, rows);
        }
    }

    /// <summary>Refuses a table that does not fit the network, or with a number nothing can be learned from.</summary>
    public static void Table<T>(Examples<T> table, Model model, string purpose) where T : unmanaged, IFloatingPointIeee754<T>
    {
        Shape(table, model, $"{char.ToUpperInvariant(purpose[0])}{purpose[1..]} rows");
        if (table.FindFeature(x => !T.IsFinite(x), model.TakesMissing) is var (row, column, value))
        {
            throw Feature(value, column, purpose, row);
        }

        for (var i = 0; i < table.Rows; i++)
        {
            Label<T>(table.Targets.AsSpan(i * table.TargetColumns, table.TargetColumns), model, purpose, i);
            if (table.Weights is { } weights)
            {
                Weight(weights[i], purpose, i);
            }
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
                    throw new ArgumentException(Invariant(
                        $"The tensor {tensor.Name} that training starts from has a number that is {number}, not finite. Start from another network."));
                }
            }
        }
    }

    /// <summary>The same for one row.</summary>
    public static void Row<T>(in FeatureRow<T> features, ReadOnlySpan<T> targets, T weight, Model model, string purpose, long row)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var columns = features.IsDense ? features.Values.Length : model.Inputs;
        if (columns != model.Inputs || targets.Length != model.Targets)
        {
            throw Unfit(columns, targets.Length, model, $"{char.ToUpperInvariant(purpose[0])}{purpose[1..]} row {row}");
        }

        if (!features.IsDense)
        {
            SparseRowChecks.Require(model.Inputs, [0, features.Values.Length], features.Columns, features.Values.Length, purpose, row);
        }

        for (var from = 0; Finite.IndexOfOther(features.Values[from..]) is >= 0 and var bad; from += bad + 1)
        {
            var column = features.IsDense ? from + bad : features.Columns[from + bad];
            if (!model.TakesMissing(column))
            {
                throw Feature(features.Values[from + bad], column, purpose, row);
            }
        }

        Label(targets, model, purpose, row);
        Weight(weight, purpose, row);
    }

    /// <summary>Refuses rows of which none counts: their mean loss is none.</summary>
    public static void Counted<T>(RowSource<T> rows, Model model, string purpose) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (rows.Rows > 0 && !rows.AnyCounts(model))
        {
            throw new ArgumentException(
                $"Every one of the {rows.Rows} {purpose} rows is ignored, or of a class with weight 0. Give one that counts.");
        }
    }

    private static void Require(bool holds, string name, object? value, string bound)
    {
        if (!holds)
        {
            throw new ArgumentException(Invariant($"{name} is {value}, not {bound}. Correct the option."));
        }
    }

    private static void RequireFolder(string? folder, string what)
    {
        if (folder is not null && !Directory.Exists(folder))
        {
            throw new ArgumentException($"There is no folder '{folder}' for {what}. Create it, or choose another.");
        }
    }

    private static ArgumentException Unfit(int features, int targets, Model model, string rows) => new(
        $"{rows} of {features} features and {targets} targets do not fit the network {model}, "
        + $"which takes {model.Inputs} and {model.Targets}. Correct the table, or the network's sizes.");

    private static ArgumentException Feature<T>(T value, int column, string purpose, long row)
        => new(Invariant($"Feature {column} of {purpose} row {row} is {value}, not finite. Leave the row out, or replace the value."));

    private static void Label<T>(ReadOnlySpan<T> targets, Model model, string purpose, long row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (model.FindLabel(targets) is var (label, expected))
        {
            throw new ArgumentException(Invariant($"The label of {purpose} row {row} is {label}, not {expected}. Leave the row out, or correct it."));
        }
    }

    private static void Weight<T>(T weight, string purpose, long row) where T : unmanaged, IFloatingPointIeee754<T>
    {
        if (!(weight > T.Zero && T.IsFinite(weight)))
        {
            throw new ArgumentException(
                Invariant($"The weight of {purpose} row {row} is {weight}, not a finite number above 0. Leave the row out, or correct it."));
        }
    }
}
