using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Planning;

namespace Backprop.Graph
{
    internal sealed class Node
    {
        internal static Node Input(string name, int columns) => throw new NotSupportedException();
        internal static Node Parameter(string name, int rows, int columns) => throw new NotSupportedException();
        internal Node Times(Node other) => throw new NotSupportedException();
        internal Node AddRow(Node other) => throw new NotSupportedException();
        internal Node Apply(Activation a) => throw new NotSupportedException();
    }
}

namespace Backprop.Graph.Ops
{
    internal static class ElementwiseLoss { internal static Node Of<TF>(TF f, Node z, Node t, Node w) where TF : struct, ILoss => throw new NotSupportedException(); }
    internal static class SoftmaxCrossEntropy { internal static Node Of(Node z, Node t, Node w) => throw new NotSupportedException(); }
}

namespace Backprop.Training
{
    /// <summary>One optimizer step of a network, again and again: forward, backward and update without allocating.</summary>
    public sealed class TrainingStep<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
    {
        /// <summary>Copies the weights; batches have at most <paramref name="batchSize"/> rows.</summary>
        public TrainingStep(Weights<T> weights, Optimizer optimizer, int batchSize, EngineOptions? engine = null) { }
        /// <summary>The step size of the next steps; starts as the optimizer's.</summary>
        public double LearningRate { get; set; }
        /// <summary>One step on those rows of the table; the mean loss before the update.</summary>
        public double Run(Examples<T> examples, ReadOnlySpan<int> rows) => throw new NotSupportedException();
        /// <summary>Copies the current weights out.</summary>
        public void CopyWeightsTo(Weights<T> weights) => throw new NotSupportedException();
        /// <summary>Stops the workers.</summary>
        public void Dispose() { }
    }

    /// <summary>Loss, logits and every gradient of a network on a batch, without an update.</summary>
    public sealed class GradientPass<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
    {
        /// <summary>Batches have at most <paramref name="batchSize"/> rows.</summary>
        public GradientPass(Mlp mlp, int batchSize, EngineOptions? engine = null) { }
        /// <summary>Fills gradients (same names as weights) and logits (rows × outputs, row-major); the mean loss.</summary>
        public double Run(Weights<T> weights, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits) => throw new NotSupportedException();
        /// <summary>Stops the workers.</summary>
        public void Dispose() { }
    }

    /// <summary>A trained network: immutable, safe to use from many threads.</summary>
    public sealed class Network
    {
        /// <summary>Copies the weights.</summary>
        public Network(Weights<float> weights) { }
        /// <summary>The description.</summary>
        public Mlp Mlp => throw new NotSupportedException();
        /// <summary>The weights.</summary>
        public Weights<float> Weights => throw new NotSupportedException();
        /// <summary>features: rows × inputs, row-major; scores: rows × outputs. Probabilities for multiclass (softmax); logits for binary; the label's own units for regression. A row with NaN gives NaN.</summary>
        public void Score(ReadOnlySpan<float> features, Span<float> scores) => throw new NotSupportedException();
        /// <summary>σ(logit), the same function training used.</summary>
        public static float Probability(float logit) => throw new NotSupportedException();
        /// <summary>Writes the network.</summary>
        public void Save(BinaryWriter writer) => throw new NotSupportedException();
        /// <summary>Reads what <see cref="Save"/> wrote.</summary>
        /// <exception cref="InvalidDataException">The bytes are not a network.</exception>
        public static Network Load(BinaryReader reader) => throw new NotSupportedException();
    }

    /// <summary>What training gives.</summary>
    public sealed record TrainingResult(Network Network, IReadOnlyList<EpochReport> History, int BestEpoch, string WeightHash);

    /// <summary>Trains a network on a table.</summary>
    public static class Trainer
    {
        /// <summary>Splits off validation rows unless given, trains, keeps the best epoch's weights. Regression labels are standardised inside.</summary>
        public static TrainingResult Fit(Head head, int outputs, Examples<float> examples, TrainingOptions options, Examples<float>? validation = null, CancellationToken cancellation = default) => throw new NotSupportedException();
    }
}
