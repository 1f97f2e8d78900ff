using System.Numerics;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <summary>The identical network, loss and optimizer in PyTorch, built of its own modules.</summary>
/// <typeparam name="T">float or double.</typeparam>
public sealed class TorchModel<T> : IDisposable where T : unmanaged, IFloatingPointIeee754<T>
{
    private readonly Model model;
    private readonly Dictionary<string, Tensor> tensors;
    private readonly double lasso;
    private readonly TorchSharp.Modules.Parameter[] lassoed;
    private readonly List<TorchUpdate> updates = [];

    /// <summary>Builds the network with a copy of the weights.</summary>
    /// <param name="weights">The weights, under the names of the state dict.</param>
    /// <param name="optimizer">What <see cref="Step(TorchBatch{T})"/> updates with; plain gradient descent if not given.</param>
    /// <exception cref="DllNotFoundException">libtorch cannot be loaded; the message says what to install.</exception>
    /// <exception cref="NotSupportedException">PyTorch has no such layer or optimizer.</exception>
    public TorchModel(Weights<T> weights, Formulas.Optimizer? optimizer = null)
    {
        TorchLibrary.EnsureLoaded();
        model = weights.Model;
        Network = TorchNetwork.Of(model, Precision.Of<T>());
        var parameters = Network.named_parameters();
        tensors = parameters.Select(p => (p.name, (Tensor)p.parameter)).Concat(Network.named_buffers().Select(b => (b.name, b.buffer)))
            .ToDictionary(pair => pair.name, pair => pair.Item2);
        optimizer ??= new Formulas.Sgd();
        lasso = optimizer.L1;
        // One for all where it treats all alike, as PyTorch's users have.
        var spared = weights.Tensors.Where(of => of.IsVector && !optimizer.DecayBiases).Select(of => of.Name).ToHashSet();
        lassoed = [.. parameters.Where(p => lasso > 0 && !spared.Contains(p.name)).Select(p => p.parameter)];
        bool Decays(string name) => optimizer.WeightDecay == 0 || !spared.Contains(name);
        try
        {
            CopyFrom(weights);
            foreach (var group in parameters.GroupBy(p => Decays(p.name)))
            {
                var own = optimizer with { L1 = 0, WeightDecay = group.Key ? optimizer.WeightDecay : 0 };
                updates.Add(new(own, [.. group.Select(p => (p.name, p.parameter))]));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>PyTorch's modules: an <c>nn.Sequential</c> where the layers are a chain.</summary>
    public nn.Module<Tensor, Tensor> Network { get; }

    /// <summary>Takes over weights.</summary>
    public void CopyFrom(Weights<T> weights)
    {
        foreach (var of in weights.Tensors)
        {
            // By way of a tensor of this precision: PyTorch counts batches in whole numbers.
            using var numbers = zeros(tensors[of.Name].shape, Precision.Of<T>());
            numbers.Set<T>(weights[of]);
            using var scope = no_grad();
            tensors[of.Name].copy_(numbers);
        }
    }

    /// <summary>Gives the current weights.</summary>
    public void CopyTo(Weights<T> weights)
    {
        foreach (var tensor in weights.Tensors)
        {
            using var numbers = tensors[tensor.Name].to(Precision.Of<T>());
            numbers.Get(weights[tensor]);
        }
    }

    /// <summary>Takes over what the optimizer remembers, in the order of the engine's: after a step, before which there is nothing to remember.</summary>
    /// <param name="memory">The first number beside each weight, the second, and so on.</param>
    public void CopyMemoryFrom(IReadOnlyList<Weights<T>> memory)
    {
        foreach (var update in updates)
        {
            update.CopyFrom(memory);
        }
    }

    /// <summary>Gives what the optimizer remembers, in the order of the engine's, as far as it is the same: after a step.</summary>
    /// <returns>The first number beside each weight, the second, and so on: as many as it keeps.</returns>
    public IReadOnlyList<Weights<T>> CopyMemory()
    {
        // Three at most.
        Weights<T>[] memory = [new(model), new(model), new(model)];
        return memory[..updates.Select(update => update.CopyTo(memory)).DefaultIfEmpty().Min()];
    }

    /// <summary>Sets the learning rate of the next steps.</summary>
    public void SetLearningRate(double rate)
    {
        foreach (var update in updates)
        {
            update.SetLearningRate(rate);
        }
    }

    /// <summary>Fills gradients (same names as weights) and logits (rows × outputs, row-major) by autograd; the mean loss.</summary>
    public double Gradients(Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> gradients, Span<T> logits)
    {
        using var scope = NewDisposeScope();
        ZeroGradients();
        var (z, loss) = Forward(examples, rows);
        loss.backward();
        z.Get(logits);
        gradients.Values.Clear();
        foreach (var tensor in gradients.Tensors.Where(tensor => tensor.Learned))
        {
            tensors[tensor.Name].grad!.Get(gradients[tensor]);
        }

        return double.CreateTruncating(loss.item<T>());
    }

    /// <summary>Fills the product of the loss's Hessian with a vector, all learned tensors together, by autograd of autograd.</summary>
    /// <exception cref="NotSupportedException">libtorch has no second derivative of an operation.</exception>
    public void HessianTimesVector(Examples<T> examples, ReadOnlySpan<int> rows, Weights<T> vector, Weights<T> product)
    {
        using var scope = NewDisposeScope();
        ZeroGradients();
        var learned = product.Tensors.Where(tensor => tensor.Learned).ToList();
        Tensor Along(WeightTensor tensor)
        {
            var numbers = zeros(tensors[tensor.Name].shape, Precision.Of<T>());
            numbers.Set<T>(vector[tensor]);
            return numbers;
        }

        var products = DoubleBackward.Run(
            Forward(examples, rows).Loss, [.. learned.Select(tensor => tensors[tensor.Name])], [.. learned.Select(Along)]);
        product.Values.Clear();
        foreach (var (tensor, numbers) in learned.Zip(products))
        {
            numbers.Get(product[tensor]);
        }
    }

    /// <summary>One step of the optimizer on those rows of the table; the mean loss before the update.</summary>
    public double Step(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        using var scope = NewDisposeScope();
        ZeroGradients();
        return Step(Forward(examples, rows).Loss);
    }

    /// <summary>One step of the optimizer on a batch for the network's only head; the mean loss before the update.</summary>
    public double Step(TorchBatch<T> batch)
    {
        using var scope = NewDisposeScope();
        ZeroGradients();
        var (_, trained) = Forward(batch.Features);
        return Step(Loss(model.Head, trained[0], batch));
    }

    private double Step(Tensor loss)
    {
        loss.backward();
        foreach (var parameter in lassoed)
        {
            // PyTorch's optimizers have no L1: its gradient joins the loss's.
            parameter.grad!.add_(parameter.detach().sign() * lasso);
        }

        foreach (var update in updates)
        {
            update.Optimizer.step();
        }

        return double.CreateTruncating(loss.item<T>());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var update in updates)
        {
            update.Optimizer.Dispose();
        }

        Network.Dispose();
    }

    private void ZeroGradients()
    {
        foreach (var update in updates)
        {
            update.Optimizer.zero_grad();
        }
    }

    /// <summary>Logits and the heads' losses, weighted and added.</summary>
    private (Tensor Logits, Tensor Loss) Forward(Examples<T> examples, ReadOnlySpan<int> rows)
    {
        (Tensor Logits, IReadOnlyList<Tensor>[] Trained)? run = null;
        Tensor? sum = null;
        var target = 0;
        foreach (var (i, (signal, head, weight)) in model.HeadOutputs.Index())
        {
            var targets = head.TargetColumns(signal.Width);
            using var batch = new TorchBatch<T>(head, examples, rows, target, targets);
            run ??= Forward(batch.Features);
            var loss = Loss(head, run.Value.Trained[i], batch);
            loss = weight == 1 ? loss : loss * weight;
            sum = sum is null ? loss : sum + loss;
            target += targets;
        }

        return (run!.Value.Logits, sum!);
    }

    /// <summary>The logits of all heads side by side, and of each head what its loss is the mean over.</summary>
    private (Tensor Logits, IReadOnlyList<Tensor>[] Trained) Forward(Tensor features)
    {
        if (Network is not TorchNetwork own)
        {
            var only = Network.call(features);
            return (only, [[only]]);
        }

        var values = own.Values(features);
        return (own.Logits(values), [.. model.HeadOutputs.Select(output => output.Trained.Select(signal => values[signal]).ToArray())]);
    }

    private static Tensor Loss(Head head, IReadOnlyList<Tensor> trained, TorchBatch<T> batch)
    {
        Tensor[] losses = [.. trained.Select(logits => Twins.Of(head, logits, batch.Targets, batch.Weights))];
        return losses is [var only] ? only : stack(losses).mean();
    }
}
