using System.Numerics;
using Backprop.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>The identical network, loss and optimizer in PyTorch, built of its own modules.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TorchMlp<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Mlp mlp;
    private readonly Dictionary<string, Parameter> parameters;
    private readonly double lasso;
    private readonly Parameter[] lassoed;
    private readonly optim.Optimizer[] optimizers;

    /// <summary>Builds the network with a copy of the weights.</summary>
    /// <param name="weights">The weights, under the names of the state dict.</param>
    /// <param name="optimizer">What <see cref="Step(TorchBatch{T})"/> updates with; plain gradient descent if not given.</param>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says what to install.</exception>
    public TorchMlp(Weights<T> weights, Formulas.Optimizer? optimizer = null)
    {
        TorchLibrary.EnsureLoaded();
        mlp = weights.Model.ToMlp();
        Network = nn.Sequential(Modules());
        parameters = Network.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        CopyFrom(weights);
        optimizer ??= new Formulas.Sgd();
        // One for all where it treats all alike, as PyTorch's users have.
        bool Decays(string name) => optimizer.WeightDecay == 0 || optimizer.DecayBiases || !name.EndsWith(".bias", StringComparison.Ordinal);
        optimizers = [.. parameters.GroupBy(p => Decays(p.Key), p => p.Value).Select(group
            => Twins.Of(optimizer with { L1 = 0, WeightDecay = group.Key ? optimizer.WeightDecay : 0 }, group))];
        lasso = optimizer.L1;
        lassoed = [.. parameters.Where(p => lasso > 0 && (optimizer.DecayBiases || !p.Key.EndsWith(".bias", StringComparison.Ordinal))).Select(p => p.Value)];
    }

    /// <summary>PyTorch's modules: linear layers with activations between them.</summary>
    public Sequential Network { get; }

    /// <summary>Takes over weights.</summary>
    public void CopyFrom(Weights<T> weights)
    {
        foreach (var tensor in weights.Tensors)
        {
            parameters[tensor.Name].Set<T>(weights[tensor]);
        }
    }

    /// <summary>Gives the current weights.</summary>
    public void CopyTo(Weights<T> weights)
    {
        foreach (var tensor in weights.Tensors)
        {
            parameters[tensor.Name].Get(weights[tensor]);
        }
    }

    /// <summary>Fills gradients (same names as weights) and logits (rows × outputs, row-major) by autograd; the mean loss.</summary>
    public double Gradients(Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    {
        using var scope = NewDisposeScope();
        using var batch = new TorchBatch<T>(mlp.Head, examples, rows);
        ZeroGradients();
        var z = Network.call(batch.Features);
        var loss = Loss(z, batch);
        loss.backward();
        z.Get(logits);
        foreach (var tensor in gradients.Tensors)
        {
            parameters[tensor.Name].grad!.Get(gradients[tensor]);
        }

        return double.CreateTruncating(loss.item<T>());
    }

    /// <summary>One step of the optimizer on those rows of the table; the mean loss before the update.</summary>
    public double Step(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        using var batch = new TorchBatch<T>(mlp.Head, examples, rows);
        return Step(batch);
    }

    /// <summary>One step of the optimizer on a batch; the mean loss before the update.</summary>
    public double Step(TorchBatch<T> batch)
    {
        using var scope = NewDisposeScope();
        ZeroGradients();
        var loss = Loss(Network.call(batch.Features), batch);
        loss.backward();
        foreach (var parameter in lassoed)
        {
            // PyTorch's optimizers have no L1: its gradient joins the loss's.
            parameter.grad!.add_(parameter.detach().sign() * lasso);
        }

        foreach (var optimizer in optimizers)
        {
            optimizer.step();
        }

        return double.CreateTruncating(loss.item<T>());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var optimizer in optimizers)
        {
            optimizer.Dispose();
        }

        Network.Dispose();
    }

    private void ZeroGradients()
    {
        foreach (var optimizer in optimizers)
        {
            optimizer.zero_grad();
        }
    }

    private IEnumerable<nn.Module<Tensor, Tensor>> Modules()
    {
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            // From parameters of our own: PyTorch's random stream stays where it was.
            var (weight, bias) = (Zeros(mlp.Sizes[layer + 1], mlp.Sizes[layer]), Zeros(mlp.Sizes[layer + 1]));
            yield return nn.Linear(weight, bias);
            if (layer < mlp.Layers - 1)
            {
                yield return Twins.Of(mlp.Activation);
            }
        }
    }

    private static Parameter Zeros(params long[] shape) => new(zeros(shape, Precision.Of<T>()), requires_grad: true);

    private Tensor Loss(Tensor logits, TorchBatch<T> batch)
    {
        // The way PyTorch's users write it where it can be written so: one call.
        if (batch.Weights is not { } weights)
        {
            return Twins.Of(mlp.Head, logits, batch.Targets, nn.Reduction.Mean);
        }

        var losses = Twins.Of(mlp.Head, logits, batch.Targets, nn.Reduction.None);
        return (losses * (losses.dim() == 1 ? weights.squeeze(1) : weights)).mean();
    }
}
