using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Models;

/// <summary>What turns a row's logits into its scores.</summary>
internal enum Link
{
    /// <summary>Scores are the logits, in the label's units.</summary>
    Identity,

    /// <summary>Scores are the classes' probabilities.</summary>
    Softmax,
}

/// <summary>What the last layer means: the task's loss, link and labels, written as one row.</summary>
public sealed class Head
{
    private Head()
    {
    }

    /// <summary>Two classes, one logit, whose logistic function is the probability of the positive class; binary cross-entropy.</summary>
    public static Head Binary { get; } = new()
    {
        Name = "binary",
        Outputs = (1, 1),
        OutputLoss = Formulas.Loss.Of(new BinaryCrossEntropy()),
        Labels = "a number from 0 to 1",
        Takes = (label, _) => label is >= 0 and <= 1,
        Classifies = true,
    };

    /// <summary>k classes, k logits, whose softmax are the probabilities; cross-entropy with the class number as target.</summary>
    public static Head Multiclass { get; } = new()
    {
        Name = "multiclass",
        Outputs = (2, int.MaxValue),
        Link = Link.Softmax,
        Labels = "a class number: whole, from 0, below the number of outputs",
        Takes = (label, outputs) => label >= 0 && label < outputs && double.IsInteger(label),
        Classifies = true,
        ClassLabels = true,
    };

    /// <summary>One or more real outputs; mean squared error over all of them.</summary>
    public static Head Regression { get; } = new()
    {
        Name = "regression",
        Outputs = (1, int.MaxValue),
        OutputLoss = Formulas.Loss.Of(new SquaredError()),
        Labels = "a finite number",
        Takes = (label, _) => double.IsFinite(label),
    };

    /// <summary>Every task there is.</summary>
    public static IReadOnlyList<Head> All { get; } = [Binary, Multiclass, Regression];

    /// <summary>The task's name in lower case.</summary>
    public string Name { get; private init; } = "";

    /// <summary>The fewest and the most outputs a network for it has.</summary>
    internal (int Least, int Most) Outputs { get; private init; }

    /// <summary>The loss of one output, averaged over outputs and rows; null for softmax cross-entropy, which couples the outputs.</summary>
    public Loss? OutputLoss { get; private init; }

    /// <summary>From logits to scores.</summary>
    internal Link Link { get; private init; }

    /// <summary>What a label must be, in words.</summary>
    internal string Labels { get; private init; } = "";

    /// <summary>Whether a label is that, for a number of outputs.</summary>
    internal Func<double, int, bool> Takes { get; private init; } = null!;

    /// <summary>Whether labels are classes: then each class gives its share of validation rows, and nothing is standardised.</summary>
    internal bool Classifies { get; private init; }

    /// <summary>Whether a row's target is one class number, however many outputs there are.</summary>
    public bool ClassLabels { get; private init; }

    /// <summary>The task of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Head Parse(string name) => Catalogue.Find(All, h => h.Name, name, "task");

    /// <summary>Refuses a number of outputs that the task cannot have.</summary>
    internal void RequireOutputs(int outputs)
    {
        var (least, most) = Outputs;
        if (outputs < least || outputs > most)
        {
            throw new ArgumentException(
                $"A {this} network has {(most == least ? $"{least} output" : $"{least} or more outputs")}, not {outputs}. End its sizes so, or choose another task.");
        }
    }

    /// <summary>The mean loss as a graph node, of logits, targets and example weights.</summary>
    internal Node Loss(Node logits, Node target, Node exampleWeight) => OutputLoss is null
        ? SoftmaxCrossEntropy.Of(logits, target, exampleWeight)
        : ElementwiseLoss.Of(OutputLoss, logits, target, exampleWeight);

    /// <summary>How many target numbers a row has.</summary>
    public int TargetColumns(int outputs) => ClassLabels ? 1 : outputs;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
