using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Torch;
using Backprop.Training;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Layers in networks that were trained for some steps: scores beside PyTorch's <c>eval()</c>, and what a step makes of statistics.</summary>
internal static class ScoringRows
{
    private const string Area = "layer";
    private const int Rows = 24, Steps = 5;
    private static readonly int[] All = [.. Enumerable.Range(0, Rows)];

    /// <summary>Audits a layer.</summary>
    /// <param name="layer">Its name.</param>
    /// <param name="network">A network that has one.</param>
    public static IEnumerable<Finding> Run(string layer, Model network) => Run(layer, network, network);

    /// <summary>Audits a network beside the one that it is meant to be, of tensors of the same sizes.</summary>
    public static IEnumerable<Finding> Run(string layer, Model network, Model meant)
    {
        var batch = RandomBatch.Of(meant, Rows, 3);
        var trained = RandomWeights.Of(meant, batch, 2);
        using (var step = new TrainingStep<float>(trained, new Sgd { LearningRate = 0.05 }, Rows, new() { Threads = 1 }, random: new(GradientAudit.MaskSeed)))
        {
            for (var i = 0; i < Steps; i++)
            {
                step.Run(batch, All);
            }

            step.CopyWeightsTo(trained);
        }

        // Rows may have given layers other sizes, as an encoding's bins.
        network = ReferenceEquals(network, meant) ? trained.Model : network;
        yield return Scores(layer, network, trained, batch);
        yield return Scores(layer, network, trained.To<double>(), batch.To<double>());
        if (trained.Tensors.Any(tensor => !tensor.Learned))
        {
            yield return Statistics(layer, network, trained, batch);
            yield return Statistics(layer, network, trained.To<double>(), batch.To<double>());
        }
    }

    private static Finding Scores<T>(string layer, Model network, Weights<T> weights, Examples<T> batch) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var graph = weights.Model.ToGraph(training: false);
        var scores = weights.Model.Head.Scores(graph.Heads[0].Logits);
        var (wide, features) = (weights.To<double>(), Doubles.Of<T>(batch.Features));
        var numbers = graph.Tensors.Zip(wide.Tensors).ToDictionary(pair => pair.First, pair => NetworkBounds.InGraph(pair.Second, wide[pair.Second]));
        var run = new BoundedGraph([scores], leaf => leaf == graph.Input ? features : numbers[leaf], Rows);
        var ours = new T[Rows * weights.Model.Outputs];
        new Network<T>(Of(network, weights)).Score(batch.Features, ours, 1);
        var (theirs, missing) = Theirs(weights, twin =>
        {
            twin.Network.eval();
            using var scope = NewDisposeScope();
            using var constant = no_grad();
            var logits = twin.Network.call(tensor(features).reshape(Rows, -1).to(Doubles.TypeOf<T>()));
            return Doubles.Of(weights.Model.Head is MulticlassHead ? logits.softmax(1) : logits);
        });
        var columns = weights.Model.Outputs;
        return new ReferenceCheck(Doubles.Of<T>(ours), theirs, run[scores].Values, Bounds<T>(run[scores].Errors!), i => Element.NameOf("scores", i, columns))
        {
            Missing = missing,
            TheirBounds = Bounds<T>((run.OfTheirs ?? run)[scores].Errors!),
        }.Judge(Area, layer, $"scores in {Doubles.NameOf<T>()}");
    }

    private static Finding Statistics<T>(string layer, Model network, Weights<T> weights, Examples<T> batch) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var bounds = new NetworkBounds(weights.To<double>(), batch.To<double>(), new TorchRandom(GradientAudit.MaskSeed));
        var tensors = weights.Tensors.Where(tensor => !tensor.Learned).ToList();
        double[] Gathered(Weights<T> after) => [.. tensors.SelectMany(tensor => Doubles.Of<T>(after[tensor]))];
        var ours = Of(network, weights);
        using (var step = new TrainingStep<T>(ours, new Sgd(), Rows, new() { Threads = 1 }, random: new(GradientAudit.MaskSeed)))
        {
            step.Run(batch, All);
            step.CopyWeightsTo(ours);
        }

        var (theirs, missing) = Theirs(weights, twin =>
        {
            twin.Step(batch, All);
            var after = weights.Clone();
            twin.CopyTo(after);
            return Gathered(after);
        });
        var expected = tensors.Select(bounds.After).ToList();
        string[] names = [.. tensors.SelectMany(tensor => Enumerable.Range(0, tensor.Length).Select(i => Element.NameOf(tensor.Name, i, tensor.Columns)))];
        return new ReferenceCheck(
            Gathered(ours), theirs, [.. expected.SelectMany(of => of.Values)], Bounds<T>([.. expected.SelectMany(of => of.Errors)]), i => names[i])
        {
            Missing = missing,
        }.Judge(Area, layer, $"statistics after a step in {Doubles.NameOf<T>()}");
    }

    private static (double[]? Answer, string? Missing) Theirs<T>(Weights<T> weights, Func<TorchModel<T>, double[]> numbers)
        where T : unmanaged, IFloatingPointIeee754<T>
        => TorchWitness.Ask(() =>
        {
            using var twin = new TorchModel<T>(weights);
            manual_seed(GradientAudit.MaskSeed);
            return numbers(twin);
        });

    /// <summary>The weights as another network's.</summary>
    private static Weights<T> Of<T>(Model network, Weights<T> weights) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var copy = new Weights<T>(network);
        weights.Values.CopyTo(copy.Values);
        return copy;
    }

    // The reference rounds too.
    private static double[] Bounds<T>(double[] errors) => Array.ConvertAll(errors, error => (Bounded.Unit<T>() + Bounded.Double) * error);
}
