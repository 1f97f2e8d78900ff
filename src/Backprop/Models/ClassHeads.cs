using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>Two classes, one logit, whose logistic function is the probability of the positive class; binary cross-entropy.</summary>
public sealed record BinaryHead : Head
{
    internal BinaryHead()
        : base("binary") => OutputLoss = Formulas.Loss.Of(new BinaryCrossEntropy());

    /// <summary>How often a positive example counts in the loss, which is still divided by the number of examples: PyTorch's pos_weight.</summary>
    /// <exception cref="ArgumentException">It is not a finite number above 0.</exception>
    public double PositiveWeight
    {
        get;
        init
        {
            field = value;
            OutputLoss = value == 1 ? Formulas.Loss.Of(new BinaryCrossEntropy()) : Formulas.Loss.Of(new WeightedBinaryCrossEntropy(value));
        }
    }

    = 1;

    internal override string Labels => "a number from 0 to 1";

    internal override bool Classifies => true;

    private protected override string OutputsInWords => "1 output";

    private protected override IEnumerable<string> Options
        => PositiveWeight == 1 ? base.Options : [$"positive={Catalogue.Show(PositiveWeight)}", .. base.Options];

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs == 1;

    internal override bool Takes(double label, int outputs) => label is >= 0 and <= 1;

    internal override int ClassOf<T>(ReadOnlySpan<T> targets) => targets[0] > T.CreateTruncating(0.5) ? 1 : 0;

    private protected override Head With(string option)
        => NumberOf(option, "positive") is { } weight ? this with { PositiveWeight = weight } : base.With(option);
}

/// <summary>k classes, k logits, whose softmax are the probabilities; cross-entropy with the class number as target.</summary>
/// <remarks>
/// The mean is PyTorch's: with class numbers Σ w ℓ / Σ w over the rows that are not ignored, w being the weight of the row's class; with
/// probabilities Σ ℓ / rows. Example weights multiply losses and are no part of the denominator. Where PyTorch gives NaN for what has
/// a limit, this has the limit: an ignored row has no gradient whatever its logits, and a probability of 0 costs nothing on a
/// logit of −∞. Where every row of a batch is ignored, or of a class with weight 0, the mean is that of nothing: NaN, with a
/// gradient of zeros; training leaves such a batch out of an epoch's mean.
/// </remarks>
public sealed record MulticlassHead : Head
{
    internal MulticlassHead()
        : base("multiclass")
    {
    }

    /// <summary>ε: the target's probability is 1 − ε, and ε is shared by all classes alike. From 0 to 1.</summary>
    /// <exception cref="ArgumentException">It is not.</exception>
    public double LabelSmoothing { get; init => field = Catalogue.Require(value is >= 0 and <= 1, value, nameof(LabelSmoothing), "from 0 to 1"); }

    /// <summary>A weight for each class, 0 or more; null for 1 each.</summary>
    /// <exception cref="ArgumentException">One is not, or none is above 0.</exception>
    public IReadOnlyList<double>? ClassWeights
    {
        get;
        init
        {
            foreach (var weight in value ?? [])
            {
                Catalogue.Require(weight >= 0 && double.IsFinite(weight), weight, "A class's weight", "0 or a finite number above");
            }

            field = value is null || value.Any(weight => weight > 0)
                ? value?.ToArray() : throw new ArgumentException($"{nameof(ClassWeights)} has none above 0. Give one to a class at least.");
        }
    }

    /// <summary>A label whose rows count for nothing, PyTorch's ignore_index; null for none.</summary>
    public int? IgnoreIndex { get; init; }

    /// <summary>Whether a row has a probability for each class as its targets, instead of one class number.</summary>
    public bool ProbabilityTargets { get; init; }

    /// <inheritdoc/>
    public override bool ClassLabels => !ProbabilityTargets;

    internal override Link Link => Link.Softmax;

    internal override string Labels => ProbabilityTargets ? "a number from 0 to 1"
        : $"a class number: whole, from 0, below the number of outputs{(IgnoreIndex is { } ignored ? $", or {ignored} to be ignored" : "")}";

    internal override bool Classifies => true;

    private protected override string OutputsInWords => "2 or more outputs";

    private protected override IEnumerable<string> Options
    {
        get
        {
            if (LabelSmoothing != 0)
            {
                yield return $"smoothing={Catalogue.Show(LabelSmoothing)}";
            }

            if (ClassWeights is not null)
            {
                yield return $"weights={string.Join(' ', ClassWeights.Select(Catalogue.Show))}";
            }

            if (IgnoreIndex is not null)
            {
                yield return $"ignore={Catalogue.Show(IgnoreIndex.Value)}";
            }

            if (ProbabilityTargets)
            {
                yield return "probabilities";
            }

            foreach (var option in base.Options)
            {
                yield return option;
            }
        }
    }

    /// <inheritdoc/>
    public override int TargetColumns(int outputs) => ProbabilityTargets ? outputs : 1;

    /// <summary>Whether all options are the same.</summary>
    public bool Equals(MulticlassHead? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    internal override void RequireOutputs(int outputs)
    {
        base.RequireOutputs(outputs);
        if (ClassWeights is not null && ClassWeights.Count != outputs)
        {
            throw new ArgumentException($"{nameof(ClassWeights)} has {ClassWeights.Count} weights for {outputs} outputs. Give one for each class.");
        }

        if (ProbabilityTargets && IgnoreIndex is not null)
        {
            throw new ArgumentException($"{nameof(IgnoreIndex)} is for class numbers, not for {nameof(ProbabilityTargets)}. "
                + "Give a row to be ignored probabilities of 0.");
        }
    }

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs >= 2;

    internal override bool Takes(double label, int outputs) => ProbabilityTargets
        ? label is >= 0 and <= 1
        : label == IgnoreIndex || (label >= 0 && label < outputs && double.IsInteger(label));

    internal override bool Counts<T>(ReadOnlySpan<T> targets) => ProbabilityTargets
        || (double.CreateTruncating(targets[0]) is var label && label != IgnoreIndex && (ClassWeights is null || ClassWeights[(int)label] > 0));

    internal override int ClassOf<T>(ReadOnlySpan<T> targets)
    {
        var largest = 0;
        for (var i = 1; i < targets.Length; i++)
        {
            largest = targets[i] > targets[largest] ? i : largest;
        }

        return ProbabilityTargets ? largest : int.CreateTruncating(targets[0]);
    }

    internal override Node Loss(Node logits, Node target, Node exampleWeight)
    {
        if (LabelSmoothing == 0 && ClassWeights is null && IgnoreIndex is null && !ProbabilityTargets)
        {
            return new SoftmaxCrossEntropy(Reduction).Apply(logits, target, exampleWeight);
        }

        double[] weights = [.. ClassWeights ?? Enumerable.Repeat(1.0, logits.Shape.Columns)];
        var mix = new TargetMix(
            [.. weights.Select(weight => LabelSmoothing / weights.Length * weight)],
            [.. weights.Select(weight => (1 - LabelSmoothing) * weight)],
            ProbabilityTargets,
            IgnoreIndex);
        return new MixedSoftmaxCrossEntropy(mix, weights, Reduction).Apply(logits, target, exampleWeight);
    }

    private protected override Head With(string option)
    {
        if (NumberOf(option, "smoothing") is { } smoothing)
        {
            return this with { LabelSmoothing = smoothing };
        }

        if (NumberOf(option, "ignore") is { } ignored)
        {
            return this with { IgnoreIndex = ignored == (int)ignored ? (int)ignored : throw Unknown(option) };
        }

        if (option.StartsWith("weights=", StringComparison.Ordinal))
        {
            return this with { ClassWeights = [.. option["weights=".Length..].Split(' ').Select(weight => Number(weight) ?? throw Unknown(option))] };
        }

        return option == "probabilities" ? this with { ProbabilityTargets = true } : base.With(option);
    }
}
