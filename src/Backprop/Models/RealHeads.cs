using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Models;

/// <summary>Targets that are real numbers with a unit, which training may standardise: to mean 0 and standard deviation 1.</summary>
public abstract record RealHead : Head
{
    private protected RealHead(string name)
        : base(name)
    {
    }

    /// <summary>
    /// Whether training standardises the labels. Scores are in the label's own units in any case; the numbers of a loss, such as Huber's δ,
    /// are in those that are trained on.
    /// </summary>
    public bool StandardiseLabels { get; init; } = true;

    internal override string Labels => "a finite number";

    internal override bool Standardises => StandardiseLabels;

    private protected override IEnumerable<string> Options => StandardiseLabels ? base.Options : ["raw", .. base.Options];

    internal override bool Takes(double label, int outputs) => double.IsFinite(label);

    private protected override Head With(string option) => option == "raw" ? this with { StandardiseLabels = false } : base.With(option);
}

/// <summary>One or more real outputs; mean squared error over all of them, or another loss by formula.</summary>
public sealed record RegressionHead : RealHead
{
    private static readonly Loss Usual = Formulas.Loss.Of(new SquaredError());

    internal RegressionHead()
        : base("regression") => base.OutputLoss = Usual;

    /// <summary>The loss of one output, averaged over outputs and rows.</summary>
    public new Loss OutputLoss
    {
        get => base.OutputLoss!;
        init => base.OutputLoss = value;
    }

    internal override bool SquaresErrors => OutputLoss.Equals(Usual);

    private protected override string OutputsInWords => "1 or more outputs";

    private protected override IEnumerable<string> Options => SquaresErrors ? base.Options : [OutputLoss.Name, .. base.Options];

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs >= 1;

    private protected override Head With(string option)
        => option is "raw" or "sum" ? base.With(option) : this with { OutputLoss = Formulas.Loss.Parse(option) };
}

/// <summary>Counts: one or more outputs, each the logarithm of a rate, which is its score e^logit; Poisson's negative log-likelihood.</summary>
public sealed record PoissonHead : Head
{
    internal PoissonHead()
        : base("poisson") => OutputLoss = Formulas.Loss.Of(new Poisson());

    /// <summary>Whether the loss has Stirling's approximation of log t!, which changes no gradient.</summary>
    public bool Full
    {
        get;
        init
        {
            field = value;
            OutputLoss = Formulas.Loss.Of(new Poisson(value));
        }
    }

    internal override Link Link => Link.Exp;

    internal override string Labels => "a finite number, 0 or above";

    private protected override string OutputsInWords => "1 or more outputs";

    private protected override IEnumerable<string> Options => Full ? ["full", .. base.Options] : base.Options;

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs >= 1;

    internal override bool Takes(double label, int outputs) => label >= 0 && double.IsFinite(label);

    private protected override Head With(string option) => option == "full" ? this with { Full = true } : base.With(option);
}

/// <summary>Quantiles of one real target: an output for each level; the mean of their pinball losses. Koenker and Bassett (1978).</summary>
/// <remarks>Nothing keeps the quantiles in order: where a network has learned little they may cross.</remarks>
public sealed record QuantileHead : RealHead
{
    internal QuantileHead(IReadOnlyList<double> levels)
        : base("quantile")
    {
        foreach (var level in levels)
        {
            Catalogue.Require(level is > 0 and < 1, level, "A quantile's level", "between 0 and 1");
        }

        Levels = levels.Count > 0 ? [.. levels] : throw new ArgumentException(
            "A quantile head without a level has no output. Give one at least, such as 0.5 for the median.");
    }

    /// <summary>The levels, output by output: the share of targets that lie below.</summary>
    public IReadOnlyList<double> Levels { get; private init; }

    private protected override string OutputsInWords => $"{(Levels.Count == 1 ? "1 output" : $"{Levels.Count} outputs")}, one for each level";

    private protected override IEnumerable<string> Options => [.. Levels.Select(Catalogue.Show), .. base.Options];

    /// <inheritdoc/>
    public override int TargetColumns(int outputs) => 1;

    /// <summary>Whether all options are the same.</summary>
    public bool Equals(QuantileHead? other) => other is not null && ToString() == other.ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs == Levels.Count;

    internal override (int Target, bool Squared) UnitsOf(int output, int outputs) => (0, false);

    internal override Node Loss(Node logits, Node target, Node exampleWeight)
        => new QuantileLoss(Levels, Reduction).Apply(logits, target, exampleWeight);

    private protected override Head With(IReadOnlyList<string> options)
    {
        double[] levels = [.. options.Select(Number).OfType<double>()];
        var head = levels.Length > 0 ? new QuantileHead(levels) : this;
        return options.Where(option => Number(option) is null).Aggregate((Head)head, (one, option) => ((QuantileHead)one).With(option));
    }
}

/// <summary>
/// Real targets with the variance learned beside the mean: two outputs for each, first all means, then all logarithms of variances; the
/// Gaussian's negative log-likelihood. Scores are the means and the variances, in the label's units and their squares.
/// </summary>
/// <remarks>A variance below <see cref="GaussianLikelihood.Floor"/>, in the units that are trained on, counts as that. Nix and Weigend (1994).</remarks>
public sealed record GaussianHead : RealHead
{
    internal GaussianHead()
        : base("gaussian")
    {
    }

    internal override Link Link => Link.MeanAndVariance;

    private protected override string OutputsInWords => "two outputs for each target";

    /// <inheritdoc/>
    public override int TargetColumns(int outputs) => outputs / 2;

    /// <inheritdoc/>
    public override bool Allows(int outputs) => outputs >= 2 && outputs % 2 == 0;

    internal override (int Target, bool Squared) UnitsOf(int output, int outputs) => (output % (outputs / 2), output >= outputs / 2);

    internal override Node Loss(Node logits, Node target, Node exampleWeight)
        => new GaussianLoss(Reduction).Apply(logits, target, exampleWeight);
}
