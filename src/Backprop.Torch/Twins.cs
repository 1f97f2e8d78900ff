using Backprop.Formulas;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.Modules.GELU;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using Adadelta = Backprop.Formulas.Adadelta;
using Adagrad = Backprop.Formulas.Adagrad;
using Adam = Backprop.Formulas.Adam;
using Adamax = Backprop.Formulas.Adamax;
using AdamW = Backprop.Formulas.AdamW;
using LogSigmoid = Backprop.Formulas.LogSigmoid;
using Mish = Backprop.Formulas.Mish;
using NAdam = Backprop.Formulas.NAdam;
using RAdam = Backprop.Formulas.RAdam;
using Reduction = TorchSharp.torch.nn.Reduction;
using Rprop = Backprop.Formulas.Rprop;
using Sgd = Backprop.Formulas.Sgd;
using Sigmoid = Backprop.Formulas.Sigmoid;
using Softplus = Backprop.Formulas.Softplus;
using Softsign = Backprop.Formulas.Softsign;
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
    /// <remarks>Its weight decay is that of every parameter it is given, biases or not.</remarks>
    /// <exception cref="NotSupportedException">
    /// None is named yet, and the message has the line to add; or TorchSharp has none with these hyper-parameters.
    /// </exception>
    public static optim.Optimizer Of(Formulas.Optimizer optimizer, IEnumerable<Parameter> parameters) => optimizer switch
    {
        { L1: > 0 } => throw new NotSupportedException("PyTorch's optimizers have no L1. Compare without, or add it to the loss."),
        { DecoupledWeightDecay: true, WeightDecay: > 0 } and not AdamW
            => throw new NotSupportedException($"TorchSharp's {optimizer.Name} has no decoupled weight decay. Compare without."),
        Sgd o => optim.SGD(parameters, o.LearningRate, o.Momentum, o.Dampening, o.WeightDecay, o.Nesterov, maximize: false),
        AdamW { DecoupledWeightDecay: true } o
            => optim.AdamW(parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.AmsGrad, maximize: false),
        Adam o => optim.Adam(parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.AmsGrad, maximize: false),
        NAdam o => optim.NAdam(parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay, o.MomentumDecay),
        // TorchSharp multiplies by the learning rate twice once the step is rectified.
        RAdam { LearningRate: 1 } o => optim.RAdam(parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay),
        RAdam => throw new NotSupportedException("TorchSharp's RAdam is right at a learning rate of 1 only. Compare at that."),
        RmsProp o => optim.RMSProp(parameters, o.LearningRate, o.Alpha, o.Epsilon, o.WeightDecay, o.Momentum, o.Centered, maximize: false),
        Adagrad o => optim.Adagrad(parameters, o.LearningRate, o.RateDecay, o.WeightDecay, o.InitialAccumulator, o.Epsilon),
        Adadelta o => optim.Adadelta(parameters, o.LearningRate, o.Rho, o.Epsilon, o.WeightDecay, maximize: false),
        Adamax o => optim.Adamax(parameters, o.LearningRate, o.Beta1, o.Beta2, o.Epsilon, o.WeightDecay),
        Rprop { WeightDecay: > 0 } => throw new NotSupportedException("PyTorch's Rprop has no weight decay. Compare without."),
        Rprop o => optim.Rprop(parameters, o.LearningRate, o.Shrink, o.Grow, o.LeastStep, o.LargestStep, maximize: false),
        _ => throw Missing(optimizer.GetType(), $"{optimizer.GetType().Name} o => optim.{optimizer.GetType().Name}(parameters, o.LearningRate),"),
    };

    private static NotSupportedException Missing(Type formula, string line)
        => new($"No PyTorch counterpart of {formula.Name} is named. Add to Twins.cs: {line}");

    private sealed class ActivationTwin : IActivationVisitor<Module<Tensor, Tensor>>
    {
        // Kept for ever: the garbage collector may free a temporary scalar while the native call still reads it.
        private static readonly Scalar Zero = 0, Three = 3, Six = 6;

        public Module<Tensor, Tensor> Visit<TF>(TF formula) where TF : struct, IActivation => formula switch
        {
            Formulas.Identity => nn.Identity(),
            Relu => ReLU(),
            LeakyRelu f => LeakyReLU(f.Slope.Value),
            Absolute => new Elementwise(abs),
            Relu6 => ReLU6(),
            HardTanh f => Clamped(f.Least.Value, f.Most.Value),
            // In double its derivative is float's 1/6.
            HardSigmoid => new Elementwise(x => x.dtype == ScalarType.Float32 ? functional.hardsigmoid(x) : x.add(Three).hardtanh_(Zero, Six).div(Six)),
            Sigmoid => nn.Sigmoid(),
            Tanh => nn.Tanh(),
            Softsign => nn.Softsign(),
            SmoothClip f => Clipped(f.Bound.Value),
            LogSigmoid => nn.LogSigmoid(),
            Softplus f => nn.Softplus(f.Beta.Value, f.Threshold.Value),
            Silu => SiLU(),
            Gelu => GELU(),
            GeluTanh => GELU(Approximate.tanh),
            Mish => nn.Mish(),
            HardSwish => Hardswish(),
            Elu f => ELU(f.Alpha.Value),
            Selu => SELU(),
            Celu f => CELU(f.Alpha.Value),
            SoftShrink f => Softshrink(f.Lambda.Value),
            TanhShrink => Tanhshrink(),
            Sine => new Elementwise(sin),
            Cosine => new Elementwise(cos),
            _ => throw Missing(typeof(TF), $"{typeof(TF).Name} => nn.{typeof(TF).Name}(),"),
        };
    }

    /// <summary>TorchSharp's Hardtanh returns its argument, but works in place. The scalars live as long as the module.</summary>
    private static Elementwise Clamped(Scalar least, Scalar most) => new(x => x.clone().hardtanh_(least, most));

    /// <summary>As RealMLP's authors write it.</summary>
    private static Elementwise Clipped(Scalar bound)
    {
        Scalar one = 1;
        return new(x => x / x.div(bound).square().add(one).sqrt());
    }

    /// <summary>A function of tensors where PyTorch has no module, or TorchSharp a broken one.</summary>
    private sealed class Elementwise(Func<Tensor, Tensor> function) : Module<Tensor, Tensor>("elementwise")
    {
        public override Tensor forward(Tensor x) => function(x);
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
