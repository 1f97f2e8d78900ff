using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>The same network in this library beside a module: engine, module and plain loops, in both precisions.</summary>
internal sealed class ModuleTwin
{
    private const string Area = "module";

    // Both sides round, and the reference does.
    private const double Allowance = 4;

    private readonly ModuleRun run;
    private readonly Weights<float> weights;
    private readonly Examples<float> batch;
    private readonly Func<string, string> nameOf;

    private ModuleTwin(ModuleRun run, Weights<float> weights, Examples<float> batch, Func<string, string> nameOf)
        => (this.run, this.weights, this.batch, this.nameOf) = (run, weights, batch, nameOf);

    /// <summary>Finds the network.</summary>
    /// <param name="module">The module.</param>
    /// <param name="run">Its runs.</param>
    /// <param name="input">Its input.</param>
    /// <param name="model">The network it is meant to be; null to read it off.</param>
    /// <param name="isWeighed">Whether the scalar is the outputs' sum with random weights, which a network can have for its loss.</param>
    /// <returns>Null if there is none.</returns>
    /// <exception cref="ArgumentException">The module has not the tensors of the given network.</exception>
    public static ModuleTwin? Of(nn.Module<Tensor, Tensor> module, ModuleRun run, Tensor input, Model? model, bool isWeighed)
    {
        if (!isWeighed || !run.IsSingle || input.dim() != 2 || input.dtype != ScalarType.Float32)
        {
            return model is null ? null : throw new ArgumentException(
                "Beside a network a module is compared in float32, for rows of features, without a loss of its own. Leave the loss out, or the network.");
        }

        var (rows, columns) = ((int)input.shape[0], (int)input.shape[1]);
        var reading = model is null ? ModuleReading.Of(module, columns) : null;
        if ((model ?? (reading is null ? null : Model.Of(reading.Signal, Head.Regression))) is not { } network)
        {
            return null;
        }

        // The engine's passes are training's.
        var differs = network.HasDropout || network.Signals.Any(signal => signal.Layer is BatchNorm);
        if (model is null && ((differs && !module.training) || rows < network.LeastRows))
        {
            return null;
        }

        network = Model.Of(network.HeadOutputs[0].Logits, Head.Regression with { OutputLoss = Loss.Of(new Weighing()), Reduction = Reduction.Sum });
        var weights = new Weights<float>(network);
        string NameOf(string name) => reading?.NameOf(name) ?? name;
        foreach (var of in weights.Tensors)
        {
            if (run.Before(NameOf(of.Name)) is not { } state || !state.Shape.SequenceEqual(of.Shape.Select(size => (long)size)))
            {
                throw new ArgumentException(
                    $"The module has no tensor '{NameOf(of.Name)}' of {string.Join(" × ", of.Shape)}, as the network {network} has. "
                    + "Name its parts as the network's layers, or give the network it is.");
            }

            Doubles.In<float>(state.Numbers).CopyTo(weights[of]);
        }

        using var features = input.detach().contiguous();
        return new(run, weights, new(rows, features.data<float>().ToArray(), ModuleRun.OutputWeights(rows * network.Outputs)), NameOf);
    }

    /// <summary>Judges outputs and gradients in float64, and the same in float32.</summary>
    /// <param name="name">The module's name.</param>
    public IEnumerable<Finding> Judge(string name)
    {
        var (wide, wideBatch) = (weights.To<double>(), batch.To<double>());
        using var single = new EnginePass<float>(weights.Model, batch, null);
        using var precise = new EnginePass<double>(weights.Model, batch, null);
        IBoundedRun bounds = new NetworkBounds(wide, wideBatch, new TorchRandom(GradientAudit.MaskSeed));
        var theirBounds = bounds.OfTheirs ?? bounds;
        double[] Allowed(BoundedTensor bound) => Array.ConvertAll(bound.Errors, error => Allowance * Bounded.Double * error);
        var ours = Tensors.Run<double>(precise.Run, wide, wideBatch);
        var theirs = Tensors.Run<double>(Theirs, wide, wideBatch);
        Finding[] exact =
        [
            .. bounds.Tensors.Select((bound, i) => (ReferenceCheck.Tensor(
                bound.Name, bound.Columns, ours[i].Values, theirs[i].Values, bound.Values, Allowed(bound)) with
            {
                TheirBounds = Allowed(theirBounds.Tensors[i]),
                Audited = Party.Theirs,
                TheirName = name,
                ReferenceName = "plain loops of the same network",
            }).Judge(Area, name, $"{LabelOf(bound)} in float64 against the network {weights.Model}")),
        ];
        if (Array.Exists(exact, finding => finding.Verdict != Verdict.Agrees))
        {
            // It is another function: its float32 has nothing to be held to.
            return exact;
        }

        // In float32 units at kinks may take the other side: the audit of networks looks after that.
        var report = GradientAudit.Run(weights, batch, single.Run, precise.Run, Theirs, Theirs);
        return
        [
            .. exact,
            .. report.Tensors.Zip(bounds.Tensors, (tensor, bound) => Finding.Of(
                tensor, Area, name, $"{LabelOf(bound)} in float32 against the network {weights.Model}", Party.Theirs, name)),
        ];
    }

    private string LabelOf(BoundedTensor bound) => bound.Name is "loss" or "logits" ? bound.Name : $"gradient of {nameOf(bound.Name)}";

    /// <summary>The module's pass, as the engine's.</summary>
    private double Theirs<T>(Weights<T> of, Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
        where T : unmanaged, IFloatingPointIeee754<T>
    {
        var outcome = run.Run(Doubles.TypeOf<T>());
        Doubles.In<T>(outcome.Outputs).CopyTo(logits);

        var indices = run.Tensors.Index().ToDictionary(pair => pair.Item.Name, pair => pair.Index);
        gradients.Values.Clear();
        foreach (var tensor in gradients.Tensors.Where(tensor => tensor.Learned))
        {
            // One that is frozen has none.
            if (indices.TryGetValue(nameOf(tensor.Name), out var index))
            {
                Doubles.In<T>(outcome.Gradients[index]).CopyTo(gradients[tensor]);
            }
        }

        return outcome.Loss;
    }

    /// <summary>z · t: the outputs' sum with weights.</summary>
    private readonly record struct Weighing : ILoss
    {
        public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => z * t;

        public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => t;
    }
}
