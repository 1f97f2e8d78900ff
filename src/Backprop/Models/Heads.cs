using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Graph.Ops;

namespace Backprop.Models;

/// <summary>What the last layer means: the task's link from logits to scores and its loss, written as one row.</summary>
public sealed class Head
{
    private Head(string name, Func<Node, Node, Node, Node> loss, bool classLabels)
        => (Name, Loss, ClassLabels) = (name, loss, classLabels);

    /// <summary>Two classes, one logit: σ(z) is the probability of the positive class; binary cross-entropy.</summary>
    public static Head Binary { get; } = new("binary", (z, t, w) => ElementwiseLoss.Of(new BinaryCrossEntropy(), z, t, w), false);

    /// <summary>k classes, k logits: softmax(z) are their probabilities; cross-entropy with the class number as target.</summary>
    public static Head Multiclass { get; } = new("multiclass", SoftmaxCrossEntropy.Of, true);

    /// <summary>One or more real outputs; mean squared error over all of them.</summary>
    public static Head Regression { get; } = new("regression", (z, t, w) => ElementwiseLoss.Of(new SquaredError(), z, t, w), false);

    /// <summary>Every task there is.</summary>
    public static IReadOnlyList<Head> All { get; } = [Binary, Multiclass, Regression];

    /// <summary>The task's name in lower case.</summary>
    public string Name { get; }

    /// <summary>From logits, targets and example weights to the loss, as graph nodes.</summary>
    internal Func<Node, Node, Node, Node> Loss { get; }

    /// <summary>Whether a row's target is one class number, however many outputs there are.</summary>
    public bool ClassLabels { get; }

    /// <summary>The task of that name.</summary>
    /// <exception cref="ArgumentException">There is none; the message lists those there are.</exception>
    public static Head Parse(string name) => Catalogue.Find(All, h => h.Name, name, "task");

    /// <summary>How many target numbers a row has.</summary>
    public int TargetColumns(int outputs) => ClassLabels ? 1 : outputs;

    /// <inheritdoc/>
    public override string ToString() => Name;
}
