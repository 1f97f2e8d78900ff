using Backprop.Formulas;
using Backprop.Models;
using Backprop.Tests.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Gradients with respect to features beside torch autograd's, of the same network in eval mode, in double.</summary>
[Collection(TorchCollection.Name)]
public sealed class InputGradientsTests
{
    private const int Rows = 21;

    // Sums of some 40 terms near 1 and a few layers, in another order, and output scales up to 4: 2⁻⁵³ times a few hundred.
    private const double Tolerance = 1e-13;

    public static TheoryData<string> Names => LayerTests.Names;

    [Theory, MemberData(nameof(Names))]
    public void OfEveryLayerTheyAreAutograds(string name) => AreAutograds(Networks.All[name], name);

    [Theory]
    [InlineData("binary", "gelu"), InlineData("multiclass", "silu"), InlineData("regression", "mish"), InlineData("poisson", "softplus")]
    [InlineData("quantile(0.1,0.5,0.9)", "elu"), InlineData("gaussian", "tanh")]
    public void OfEveryHeadTheyAreAutograds(string head, string activation)
        => AreAutograds(new Mlp([4, 9, 7, Outputs.Of(Head.Parse(head), 3)], Activation.Parse(activation), Head.Parse(head)), head);

    private static void AreAutograds(Model model, string where)
    {
        var (network, features) = (ExplainedNetworks.Of(model), ExplainedNetworks.Features(model, Rows));
        using var twin = new TorchModel<double>(network.CopyWeights());
        twin.Network.eval();
        foreach (var of in Enum.GetValues<ExplainedValue>())
        {
            var gradients = new InputGradients<double>(network, of);
            for (var output = 0; output < model.Outputs; output++)
            {
                var ours = new double[features.Length];
                gradients.Gradients(features, [output], ours);
                using var scope = NewDisposeScope();
                var x = tensor(features).reshape(Rows, model.Inputs).requires_grad_();
                Value(model, twin.Network.call(x), of, output, network.OutputScale[output]).sum().backward();
                var theirs = x.grad!.data<double>().ToArray();
                for (var i = 0; i < ours.Length; i++)
                {
                    Assert.True(
                        Math.Abs(theirs[i] - ours[i]) <= Tolerance * Math.Max(1, Math.Abs(theirs[i])),
                        $"{where}, {of} {output}, row {i / model.Inputs}, feature {i % model.Inputs}: torch {theirs[i]:R}, ours {ours[i]:R}");
                }
            }
        }
    }

    /// <summary>A column of what is explained, by torch's own functions.</summary>
    private static Tensor Value(Model model, Tensor logits, ExplainedValue of, int output, double scale)
    {
        foreach (var (signal, head, _) in model.HeadOutputs)
        {
            if (output >= signal.Width)
            {
                (logits, output) = (logits.narrow(1, signal.Width, logits.shape[1] - signal.Width), output - signal.Width);
                continue;
            }

            var own = logits.narrow(1, 0, signal.Width);
            var isLogVariance = head is GaussianHead && output >= signal.Width / 2;
            return (head, of) switch
            {
                (MulticlassHead, ExplainedValue.Score) => own.softmax(1).select(1, output) * scale,
                (PoissonHead, ExplainedValue.Score) => own.select(1, output).exp() * scale,
                (GaussianHead, ExplainedValue.Score) when isLogVariance => own.select(1, output).exp().clamp_min(GaussianLikelihood.Floor) * scale,
                (MulticlassHead or PoissonHead, _) => own.select(1, output),
                (GaussianHead, _) when isLogVariance => own.select(1, output),
                _ => own.select(1, output) * scale,
            };
        }

        throw new ArgumentException($"There is no output {output}.");
    }
}
