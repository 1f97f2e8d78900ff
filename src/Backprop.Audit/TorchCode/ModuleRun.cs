using Backprop.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>A module that is run at one point again and again, in either precision; when done, it is as it was.</summary>
/// <remarks>Every run begins with the same buffers and the same random numbers, so that dropout draws one mask.</remarks>
internal sealed class ModuleRun : IDisposable
{
    /// <summary>The name under which the input's gradient is reported.</summary>
    public const string InputName = "input";

    private readonly nn.Module<Tensor, Tensor> module;
    private readonly Tensor input;
    private readonly Func<Tensor, Tensor>? loss;
    private readonly Dictionary<string, Tensor> before;
    private readonly ScalarType original;
    private readonly TorchStream stream = new(GradientAudit.MaskSeed);
    private ScalarType current;

    /// <summary>Remembers what the module is like.</summary>
    /// <param name="module">The module.</param>
    /// <param name="input">Its input.</param>
    /// <param name="loss">A scalar of its outputs; null for their sum with random weights.</param>
    public ModuleRun(nn.Module<Tensor, Tensor> module, Tensor input, Func<Tensor, Tensor>? loss)
    {
        (this.module, this.input, this.loss) = (module, input.detach().clone().DetachFromDisposeScope(), loss);
        before = module.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone().DetachFromDisposeScope());
        original = current = module.parameters().Select(p => p.dtype).FirstOrDefault(IsReal, ScalarType.Float32);
        Tensors =
        [
            .. IsReal(input.dtype) ? new[] { Described(InputName, this.input) } : [],
            .. module.named_parameters().Where(p => p.parameter.requires_grad).Select(p => Described(p.name, p.parameter)),
        ];
    }

    /// <summary>Input and parameters that gradients are taken of: name, columns, numbers.</summary>
    public IReadOnlyList<NamedTensor> Tensors { get; }

    /// <summary>The module's tensors as they were, parameters and buffers: shape and numbers; null if it has none of that name.</summary>
    public (long[] Shape, double[] Numbers)? Before(string name) => before.TryGetValue(name, out var tensor) ? (tensor.shape, Doubles.Of(tensor)) : null;

    /// <summary>Whether the module's own precision is float32.</summary>
    public bool IsSingle => original == ScalarType.Float32;

    /// <summary>The type of the module's outputs.</summary>
    /// <exception cref="ArgumentException">It does not run; the message says why.</exception>
    public ScalarType OutputType()
    {
        Convert(ScalarType.Float64);
        using var scope = NewDisposeScope();
        using var silent = no_grad();
        return Call(() => module.call(IsReal(input.dtype) ? input.to(ScalarType.Float64) : input)).dtype;
    }

    /// <summary>Runs the module.</summary>
    /// <param name="type">Float32 or Float64.</param>
    /// <param name="numbers">Numbers for <see cref="Tensors"/>; null for its own.</param>
    /// <param name="differentiated">Whether gradients are wanted.</param>
    /// <exception cref="ArgumentException">It does not run; the message says in which precision, and why.</exception>
    public ModuleResult Run(ScalarType type, IReadOnlyList<double[]>? numbers = null, bool differentiated = true)
    {
        Convert(type);
        using var scope = NewDisposeScope();
        Write(numbers);
        var x = input.clone();
        if (IsReal(input.dtype))
        {
            x = numbers is null ? x.to(type) : tensor(numbers[0], ScalarType.Float64).reshape(input.shape).to(type);
            x = x.detach().requires_grad_();
        }

        var y = Call(() => module.call(x));
        var scalar = Call(() => loss is null ? Weighed(y) : loss(y));
        var flows = scalar.numel() == 1 && scalar.requires_grad;
        if (differentiated && flows)
        {
            scalar.backward();
        }

        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        double[] GradientOf(NamedTensor of)
            => (of.Name == InputName && !parameters.ContainsKey(InputName) ? x : parameters[of.Name]).grad is { } gradient
                ? Doubles.Of(gradient) : new double[of.Values.Length];
        return new(
            y.dtype, y.shape, Doubles.Of(y), scalar.numel() == 1 ? Doubles.Of(scalar)[0] : double.NaN, flows,
            differentiated && flows ? [.. Tensors.Select(GradientOf)] : [],
            [.. module.named_buffers().Where(b => Doubles.Of(b.buffer).Any(v => !double.IsFinite(v))).Select(b => b.name)]);
    }

    /// <summary>Whether gradients flow through numbers of a type.</summary>
    public static bool IsReal(ScalarType type) => type is ScalarType.Float32 or ScalarType.Float64 or ScalarType.Float16 or ScalarType.BFloat16;

    /// <summary>The random weights of that many outputs, as floats.</summary>
    public static float[] OutputWeights(int count)
    {
        var weights = new float[count];
        new TorchRandom(GradientAudit.MaskSeed).FillUniform<float>(weights, -1, 1);
        return weights;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Convert(original);
        Write(null);
        foreach (var tensor in before.Values)
        {
            tensor.Dispose();
        }

        input.Dispose();
        stream.Dispose();
    }

    private Tensor Call(Func<Tensor> work)
    {
        manual_seed(GradientAudit.MaskSeed);
        try
        {
            return work();
        }
        catch (Exception error) when (error is System.Runtime.InteropServices.ExternalException or InvalidOperationException or NotSupportedException)
        {
            throw new ArgumentException(
                $"The module does not run in {current}: {error.Message.Split('\n')[0]} "
                + "Make its tensors of the input's type, and the input of its shape.", error);
        }
    }

    private static Tensor Weighed(Tensor y)
    {
        var weights = tensor(OutputWeights((int)y.numel())).reshape(y.shape).to(y.device);
        return (y * (IsReal(y.dtype) ? weights.to(y.dtype) : weights)).sum();
    }

    private static NamedTensor Described(string name, Tensor tensor)
    {
        var columns = tensor.dim() == 0 ? 1 : (int)tensor.shape[^1];
        return new(name, (int)tensor.numel() / Math.Max(1, columns), columns, Doubles.Of(tensor));
    }

    /// <summary>Outside of any dispose scope of ours: the module's parameters become others.</summary>
    private void Convert(ScalarType type)
    {
        if (type != current)
        {
            module.to(type);
            current = type;
        }
    }

    private void Write(IReadOnlyList<double[]>? numbers)
    {
        using var scope = NewDisposeScope();
        using var silent = no_grad();
        foreach (var (name, tensor) in module.state_dict())
        {
            tensor.copy_(before[name]);
        }

        var parameters = module.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        foreach (var parameter in parameters.Values)
        {
            parameter.grad = null;
        }

        var first = IsReal(input.dtype) ? 1 : 0;
        for (var i = first; i < numbers?.Count; i++)
        {
            var parameter = parameters[Tensors[i].Name];
            parameter.copy_(tensor(numbers[i], ScalarType.Float64).reshape(parameter.shape));
        }
    }
}

/// <summary>What a module made of its input.</summary>
/// <param name="Type">The outputs' type.</param>
/// <param name="Shape">Their shape.</param>
/// <param name="Outputs">The outputs, row-major.</param>
/// <param name="Loss">The scalar of them.</param>
/// <param name="Flows">Whether gradients flow from it.</param>
/// <param name="Gradients">The gradients, in the order of the tensors; none if they were not asked for.</param>
/// <param name="NotFinite">Buffers that hold numbers which are none, or infinite.</param>
internal sealed record ModuleResult(
    ScalarType Type, long[] Shape, double[] Outputs, double Loss, bool Flows, IReadOnlyList<double[]> Gradients, IReadOnlyList<string> NotFinite);
