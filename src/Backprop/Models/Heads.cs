using System.Globalization;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;
using Backprop.Kernels;

namespace Backprop.Models;

/// <summary>What turns a row's logits into its scores.</summary>
internal enum Link
{
    /// <summary>Scores are the logits, in the label's units.</summary>
    Identity,

    /// <summary>Scores are the classes' probabilities.</summary>
    Softmax,

    /// <summary>Scores are e^logit.</summary>
    Exp,

    /// <summary>Scores are the first half of the logits, and the variances whose logarithms the second half is.</summary>
    MeanAndVariance,
}

/// <summary>What a network's outputs mean: the task's loss, link and labels. Options are changed with <c>head with { … }</c>.</summary>
/// <remarks>
/// Written as text and read back by <see cref="Parse"/>: <c>regression(huber(1))</c>, <c>quantile(0.1,0.9)</c>,
/// <c>multiclass(smoothing=0.1,ignore=-100)</c>.
/// </remarks>
public abstract record Head
{
    private protected Head(string name) => Name = name;

    /// <inheritdoc cref="BinaryHead"/>
    public static BinaryHead Binary { get; } = new();

    /// <inheritdoc cref="MulticlassHead"/>
    public static MulticlassHead Multiclass { get; } = new();

    /// <inheritdoc cref="RegressionHead"/>
    public static RegressionHead Regression { get; } = new();

    /// <inheritdoc cref="PoissonHead"/>
    public static PoissonHead Poisson { get; } = new();

    /// <inheritdoc cref="GaussianHead"/>
    public static GaussianHead Gaussian { get; } = new();

    /// <summary>Every task there is, with its usual options.</summary>
    public static IReadOnlyList<Head> All { get; } = [Binary, Multiclass, Regression, Poisson, Quantile(0.1, 0.5, 0.9), Gaussian];

    /// <summary>The task's name in lower case, without its options.</summary>
    public string Name { get; }

    /// <summary>Whether the losses of a batch are averaged or added up.</summary>
    public Reduction Reduction { get; init; }

    /// <summary>The loss of one output, averaged over outputs and rows; null where a loss couples outputs.</summary>
    public Loss? OutputLoss { get; private protected init; }

    /// <summary>Whether a row's target is one class number, however many outputs there are.</summary>
    public virtual bool ClassLabels => false;

    /// <summary>From logits to scores.</summary>
    internal virtual Link Link => Link.Identity;

    /// <summary>What a label must be, in words.</summary>
    internal abstract string Labels { get; }

    /// <summary>Whether labels are classes: then each class gives its share of validation rows.</summary>
    internal virtual bool Classifies => false;

    /// <summary>Whether the loss of one output is the squared error.</summary>
    internal virtual bool SquaresErrors => false;

    /// <summary>Whether training standardises labels; scores are in the label's own units in any case.</summary>
    internal virtual bool Standardises => false;

    /// <summary>The numbers of outputs it may have, in words.</summary>
    private protected abstract string OutputsInWords { get; }

    /// <summary>The options that are not the usual ones, each as text.</summary>
    private protected virtual IEnumerable<string> Options => Reduction == Reduction.Sum ? ["sum"] : [];

    /// <inheritdoc cref="QuantileHead"/>
    /// <param name="levels">The quantiles' levels, each between 0 and 1: one output each.</param>
    /// <exception cref="ArgumentException">There is none, or one is not between 0 and 1.</exception>
    public static QuantileHead Quantile(params IReadOnlyList<double> levels) => new(levels);

    /// <summary>The task of that name, with the options in parentheses behind it, if any.</summary>
    /// <exception cref="ArgumentException">There is none, or an option is none of it; the message says what there is.</exception>
    public static Head Parse(string text)
    {
        var (name, options) = Catalogue.Split(text);
        var head = Catalogue.Find(All, h => h.Name, name, "task");
        return options is null ? head : head.With(Parts(options));
    }

    /// <summary>How many target numbers a row has.</summary>
    public virtual int TargetColumns(int outputs) => outputs;

    /// <inheritdoc/>
    public sealed override string ToString() => string.Join(',', Options) is { Length: > 0 } options ? $"{Name}({options})" : Name;

    /// <summary>The text from which <see cref="Parse"/> makes this task again.</summary>
    /// <exception cref="NotSupportedException">Its loss is not in the catalogue, so that nobody could read it.</exception>
    internal string ToText() => OutputLoss is { IsCatalogued: false }
        ? throw new NotSupportedException($"The loss {OutputLoss} is your own and cannot be saved. "
            + "Save the network's weights with SaveSafetensors, and make the network in code to load them.")
        : ToString();

    /// <summary>Refuses a number of outputs that the task cannot have.</summary>
    /// <exception cref="ArgumentException">It cannot.</exception>
    internal virtual void RequireOutputs(int outputs)
    {
        if (!Allows(outputs))
        {
            throw new ArgumentException($"A {this} network has {OutputsInWords}, not {outputs}. End its sizes so, or choose another task.");
        }
    }

    /// <summary>Whether a network for the task can have that many outputs.</summary>
    public abstract bool Allows(int outputs);

    /// <summary>Whether a label is what <see cref="Labels"/> says, for a number of outputs.</summary>
    internal abstract bool Takes(double label, int outputs);

    /// <summary>Whether a row with those targets counts in the loss at all.</summary>
    internal virtual bool Counts<T>(ReadOnlySpan<T> targets) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => true;

    /// <summary>The class of a row with those targets; 0 where there are no classes.</summary>
    internal virtual int ClassOf<T>(ReadOnlySpan<T> targets) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T> => 0;

    /// <summary>The loss of a batch as a graph node, of logits, targets and example weights.</summary>
    internal virtual Node Loss(Node logits, Node target, Node exampleWeight)
        => new ElementwiseLoss(OutputLoss!, Reduction).Apply(logits, target, exampleWeight);

    /// <summary>Which target's units an output's score is in, and whether in their squares.</summary>
    internal virtual (int Target, bool Squared) UnitsOf(int output, int outputs) => (output, false);

    /// <summary>Whether an output's score is its logit, in the label's units.</summary>
    internal bool ScoreIsLogit(int output, int outputs) => Link == Link.Identity || (Link == Link.MeanAndVariance && output < outputs / 2);

    /// <summary>The scores of logits as a graph node, in the units that were trained on: what <see cref="ToScores"/> computes.</summary>
    internal Node Scores(Node logits)
    {
        var half = logits.Shape.Columns / 2;
        return Link switch
        {
            Link.Softmax => logits.Softmax(),
            Link.Exp => logits.Exp(),
            Link.MeanAndVariance => Node.Concatenate(logits.Columns(0, half), Node.Map(new Variance(), logits.Columns(half, half))),
            _ => logits,
        };
    }

    /// <summary>Turns logits, in place, into the scores of that many rows, in the units that were trained on.</summary>
    internal void ToScores<T>(Kernels<T> kernels, Panels<T> logits, int rows) where T : unmanaged, System.Numerics.IFloatingPointIeee754<T>
    {
        if (Link == Link.Softmax)
        {
            kernels.Softmax(logits, rows);
            return;
        }

        var first = Link switch { Link.Exp => 0, Link.MeanAndVariance => logits.Columns / 2, _ => logits.Columns };
        for (var row = 0; row < rows; row++)
        {
            for (var column = first; column < logits.Columns; column++)
            {
                Lanes<T, T, Simd1<T>> logit = new(logits[row, column]);
                logits[row, column] = (Link == Link.Exp ? Lanes<T, T, Simd1<T>>.Exp(logit) : GaussianLikelihood.Variance(logit)).Vector;
            }
        }
    }

    /// <summary>The task with options read from text, instead of its usual ones.</summary>
    private protected virtual Head With(IReadOnlyList<string> options) => options.Aggregate(this, (head, option) => head.With(option));

    /// <summary>The task with one option more.</summary>
    private protected virtual Head With(string option) => option == "sum" ? this with { Reduction = Reduction.Sum } : throw Unknown(option);

    /// <summary>Says that an option is none.</summary>
    private protected ArgumentException Unknown(string option) => new($"'{option}' is no option of the task {Name}. Leave it out, or correct it.");

    /// <summary>The number behind an option's equals sign; null for another option.</summary>
    private protected double? NumberOf(string option, string name) => !option.StartsWith($"{name}=", StringComparison.Ordinal) ? null
        : Number(option[(name.Length + 1)..]) ?? throw Unknown(option);

    /// <summary>The text as a number; null if it is none.</summary>
    private protected static double? Number(string text)
        => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>What stands between the commas that are not in parentheses.</summary>
    private static List<string> Parts(string text)
    {
        var (parts, depth, start) = (new List<string>(), 0, 0);
        for (var i = 0; i <= text.Length; i++)
        {
            if (i == text.Length || (text[i] == ',' && depth == 0))
            {
                parts.Add(text[start..i].Trim());
                start = i + 1;
            }
            else
            {
                depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            }
        }

        return parts;
    }

    /// <summary>A Gaussian's variance, of its logarithm.</summary>
    private readonly record struct Variance : IFormula
    {
        public static int Inputs => 1;

        public TX Of<TX>(TX a, TX b, TX c) where TX : IReal<TX> => GaussianLikelihood.Variance(a);
    }
}
