using Backprop.Formulas;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Reduction = TorchSharp.torch.nn.Reduction;
using Adam = Backprop.Formulas.Adam;
using Sgd = Backprop.Formulas.Sgd;
using Sigmoid = Backprop.Formulas.Sigmoid;
using Tanh = Backprop.Formulas.Tanh;

namespace Backprop.Torch;

/// <summary>PyTorch's own counterpart of every formula: a mistyped formula is mistyped in every reading of it, but not here.</summary>
public static partial class Twins
{
    /// <summary>PyTorch's module for an activation.</summary>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static Module<Tensor, Tensor> Of(Activation activation) => activation.Accept(new ActivationTwin());

    /// <summary>PyTorch's function for a loss: element by element, or their mean.</summary>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static Tensor Of(Formulas.Loss loss, Tensor z, Tensor t, Reduction reduction = Reduction.None)
        => loss.Accept(new LossTwin(z, t, reduction));

    /// <summary>PyTorch's optimizer, with every hyper-parameter given: TorchSharp's defaults are not always PyTorch's.</summary>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static optim.Optimizer Of(Formulas.Optimizer optimizer, IEnumerable<Parameter> parameters) => optimizer switch
    {
        Sgd sgd => optim.SGD(parameters, sgd.LearningRate, sgd.Momentum, dampening: 0, weight_decay: 0, nesterov: false, maximize: false),
        Adam adam => optim.Adam(parameters, adam.LearningRate, adam.Beta1, adam.Beta2, adam.Epsilon, weight_decay: 0, amsgrad: false, maximize: false),
        _ => throw Missing(optimizer.GetType(), $"{optimizer.GetType().Name} o => optim.{optimizer.GetType().Name}(parameters, o.LearningRate),"),
    };

    private static NotSupportedException Missing(Type formula, string line)
        => new($"No PyTorch counterpart of {formula.Name} is named. Add to Twins.cs: {line}");

    private sealed class ActivationTwin : IActivationVisitor<Module<Tensor, Tensor>>
    {
        public Module<Tensor, Tensor> Visit<TF>(TF formula) where TF : struct, IActivation => formula switch
        {
            Formulas.Identity => nn.Identity(),
            Relu => ReLU(),
            Sigmoid => nn.Sigmoid(),
            Tanh => nn.Tanh(),
            Silu => SiLU(),
            _ => throw Missing(typeof(TF), $"{typeof(TF).Name} => nn.{typeof(TF).Name}(),"),
        };
    }

    private sealed class LossTwin(Tensor z, Tensor t, Reduction reduction) : ILossVisitor<Tensor>
    {
        public Tensor Visit<TF>(TF formula) where TF : struct, ILoss => formula switch
        {
            SquaredError => functional.mse_loss(z, t, reduction),
            AbsoluteError => functional.l1_loss(z, t, reduction),
            SmoothL1 f => functional.smooth_l1_loss(z, t, reduction, f.Beta),
            Formulas.Huber f => functional.huber_loss(z, t, f.Delta, reduction),
            Pinball f => Quantiles([f.Level], z, t, reduction),
            Formulas.Poisson f => functional.poisson_nll_loss(z, t, log_input: true, f.Full, reduction: reduction),
            BinaryCrossEntropy => functional.binary_cross_entropy_with_logits(z, t, reduction: reduction),
            WeightedBinaryCrossEntropy f => functional.binary_cross_entropy_with_logits(
                z, t, reduction: reduction, pos_weights: tensor(f.PositiveWeight, z.dtype)),
            SoftMargin => functional.soft_margin_loss(z, t, reduction),
            _ => throw Missing(typeof(TF), $"{typeof(TF).Name} => functional.{typeof(TF).Name.ToLowerInvariant()}(z, t, reduction),"),
        };
    }
}
