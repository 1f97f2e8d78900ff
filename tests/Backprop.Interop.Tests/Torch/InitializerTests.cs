using System.Numerics;
using Backprop.Formulas;
using Backprop.Models;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Torch;

/// <summary>Initial weights are libtorch's from the same seed.</summary>
[Collection(TorchCollection.Name)]
public class InitializerTests
{
    public static TheoryData<string> Initializers => [.. Initializer.All.Select(i => i.Name)];

    public static TheoryData<long> Seeds => RandomTests.Seeds;

    [Theory, MemberData(nameof(Initializers))]
    public void ValuesAreLibtorchs(string name)
    {
        foreach (var (fanIn, fanOut) in new[] { (1, 1), (5, 3), (3, 5), (16, 4), (100, 33), (64, 128) })
        {
            Check<float>(name, fanIn, fanOut, ScalarType.Float32);
            Check<double>(name, fanIn, fanOut, ScalarType.Float64);
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void WholeNetworksAreLibtorchs(long seed)
    {
        foreach (var sizes in new[] { "784-256-128-10", "13-7", "1-5-2" })
        {
            WeightsAreLibtorchs<float>(sizes, seed, ScalarType.Float32);
            WeightsAreLibtorchs<double>(sizes, seed, ScalarType.Float64);
        }
    }

    /// <summary>A tensor [out, in] filled by PyTorch's function, or by its lines where TorchSharp's is not PyTorch's.</summary>
    private static Tensor Twin(string name, Tensor t, int fanIn, int fanOut) => name switch
    {
        "defaultweights" => nn.init.kaiming_uniform_(t, Math.Sqrt(5)),
        "defaultbiases" => t.uniform_(-1 / Math.Sqrt(fanIn), 1 / Math.Sqrt(fanIn)),
        "zeros" => nn.init.zeros_(t),
        "constant" => nn.init.constant_(t, 0.1),
        "uniform" => nn.init.uniform_(t),
        "normal" => nn.init.normal_(t),
        // TorchSharp's trunc_normal_ multiplies by the mean and adds the deviation.
        "truncatednormal" => t.uniform_(-0.9544997361036416, 0.9544997361036416).erfinv_().mul_(Math.Sqrt(2)).add_(0).clamp_(-2, 2),
        "xavieruniform" => nn.init.xavier_uniform_(t),
        // TorchSharp's xavier_normal_ draws uniform numbers.
        "xaviernormal" => t.normal_(0, Math.Sqrt(2.0 / (fanIn + fanOut))),
        "kaiminguniform" => nn.init.kaiming_uniform_(t, nonlinearity: nn.init.NonlinearityType.ReLU),
        "kaimingnormal" => nn.init.kaiming_normal_(t, nonlinearity: nn.init.NonlinearityType.ReLU),
        "lecununiform" => nn.init.kaiming_uniform_(t, nonlinearity: nn.init.NonlinearityType.Linear),
        "lecunnormal" => nn.init.kaiming_normal_(t, nonlinearity: nn.init.NonlinearityType.Linear),
        // TorchSharp's orthogonal_ draws numbers of single precision always.
        "orthogonal" => fanOut < fanIn ? Q(t.normal_().t()).t() : Q(t.normal_()),
        _ => throw new ArgumentException($"There is no twin of {name}. Add its line here."),
    };

    private static Tensor Q(Tensor matrix)
    {
        var (q, r) = linalg.qr(matrix);
        return q * r.diagonal().sign();
    }

    private static void Check<T>(string name, int fanIn, int fanOut, ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        using var scope = NewDisposeScope();
        manual_seed(12);
        using (no_grad())
        {
            var b = Twin(name, zeros(fanOut, fanIn, dtype: type), fanIn, fanOut).contiguous().data<T>().ToArray();
            var a = new T[fanIn * fanOut];
            Initializer.Parse(name).Fill(a, fanIn, fanOut, new TorchRandom(12));
            var isFloat = typeof(T) == typeof(float);
            var error = name switch
            {
                // Two roundings of MKL's erfinv and of the product, of numbers up to 2.
                "truncatednormal" => isFloat ? 4.8e-7 : 9e-16,
                // What LAPACK's roundings become in a matrix of a condition of some hundreds.
                "orthogonal" => isFloat ? 2e-5 : 5e-14,
                // Normal numbers of double precision: last bits of log, sin and cos.
                _ => isFloat || !name.EndsWith("normal", StringComparison.Ordinal) ? 0 : 1e-15,
            };
            for (var i = 0; i < a.Length; i++)
            {
                Assert.True(
                    Math.Abs(double.CreateTruncating(a[i] - b[i])) <= error,
                    $"{name} of {fanOut} × {fanIn}, {typeof(T).Name}, number {i}: ours {a[i]:R}, libtorch's {b[i]:R}");
            }
        }
    }

    private static void WeightsAreLibtorchs<T>(string sizes, long seed, ScalarType type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var mlp = Mlp.Parse(sizes, Activation.Of(new Relu()), Head.Multiclass);
        var ours = Models.Initializers.Default<T>(mlp, seed);
        manual_seed(seed);
        for (var layer = 0; layer < mlp.Layers; layer++)
        {
            using var linear = nn.Linear(mlp.Sizes[layer], mlp.Sizes[layer + 1], dtype: type);
            AssertSame(linear.weight!, $"{2 * layer}.weight");
            AssertSame(linear.bias!, $"{2 * layer}.bias");
        }

        void AssertSame(Tensor theirs, string name)
        {
            var (a, b) = (theirs.data<T>().ToArray(), ours[name].ToArray());
            for (var i = 0; i < a.Length; i++)
            {
                Assert.True(a[i].Equals(b[i]), $"{sizes}, seed {seed}, {typeof(T).Name}, {name}[{i}]: ours {b[i]:R}, libtorch's {a[i]:R}");
            }
        }
    }
}
