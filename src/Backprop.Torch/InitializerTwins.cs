using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Torch;

/// <content>Initial values.</content>
public static partial class Twins
{
    /// <summary>Fills a tensor [out, in] by PyTorch's function, or by its lines where TorchSharp's is not PyTorch's.</summary>
    /// <returns>The values, of the tensor's shape.</returns>
    /// <exception cref="NotSupportedException">None is named yet; the message has the line to add.</exception>
    public static Tensor Of(Initializer initializer, Tensor t)
    {
        var (fanIn, fanOut) = (t.shape[1], t.shape[0]);
        return initializer switch
        {
            DefaultWeights => nn.init.kaiming_uniform_(t, Math.Sqrt(5)),
            DefaultBiases => t.uniform_(-1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn)),
            Models.Zeros or MeanRates => nn.init.zeros_(t),
            Models.Constant i => nn.init.constant_(t, i.Value),
            Uniform i => nn.init.uniform_(t, i.From, i.To),
            Normal i => nn.init.normal_(t, i.Mean, i.Deviation),
            // TorchSharp's trunc_normal_ multiplies by the mean and adds the deviation.
            TruncatedNormal => t.uniform_(-0.9544997361036416, 0.9544997361036416).erfinv_().mul_(Math.Sqrt(2)).add_(0).clamp_(-2, 2),
            XavierUniform => nn.init.xavier_uniform_(t),
            // TorchSharp's xavier_normal_ draws uniform numbers.
            XavierNormal => t.normal_(0, Math.Sqrt(2.0 / (fanIn + fanOut))),
            KaimingUniform => nn.init.kaiming_uniform_(t, nonlinearity: nn.init.NonlinearityType.ReLU),
            KaimingNormal => nn.init.kaiming_normal_(t, nonlinearity: nn.init.NonlinearityType.ReLU),
            LecunUniform => nn.init.kaiming_uniform_(t, nonlinearity: nn.init.NonlinearityType.Linear),
            LecunNormal => nn.init.kaiming_normal_(t, nonlinearity: nn.init.NonlinearityType.Linear),
            // TorchSharp's orthogonal_ draws numbers of single precision always.
            RandomSigns => where(t.uniform_(-1, 1).lt(0), -ones_like(t), ones_like(t)),
            Orthogonal => fanOut < fanIn ? Q(t.normal_().t()).t() : Q(t.normal_()),
            _ => throw Missing(initializer.GetType(), $"{initializer.GetType().Name} => nn.init.{initializer.Name}_(t),"),
        };
    }

    private static Tensor Q(Tensor matrix)
    {
        var (q, r) = linalg.qr(matrix);
        return q * r.diagonal().sign();
    }
}
