using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Interop.Tests.Torch;
using Backprop.Planning;
using static TorchSharp.torch;

namespace Backprop.Interop.Tests.Graph;

/// <summary>Second derivatives of a small network are those of PyTorch's autograd.</summary>
[Collection(TorchCollection.Name)]
public class HessianTests
{
    [Theory, InlineData("tanh"), InlineData("silu"), InlineData("sigmoid"), InlineData("relu")]
    public void TheHessianOfANetworksLossIsTorchs(string activation)
    {
        var (x, target) = (Node.Input("x", 4), Node.Input("target", 3));
        var (w1, b1, w2) = (Node.Parameter("w1", 4, 5), Node.Parameter("b1", 1, 5), Node.Parameter("w2", 5, 3));
        var hidden = x.Times(w1).AddRow(b1).Apply(Activation.Parse(activation));
        var loss = -(target * hidden.Times(w2).LogSoftmax()).SumColumns().Mean();

        using var scope = NewDisposeScope();
        manual_seed(3);
        Tensor[] parameters = [.. new long[][] { [4, 5], [1, 5], [5, 3] }.Select(shape => randn(shape, dtype: ScalarType.Float64, requires_grad: true))];
        var (tx, tt) = (randn(6, 4, dtype: ScalarType.Float64), nn.functional.softmax(randn(6, 3, dtype: ScalarType.Float64), 1));
        var h = tx.matmul(parameters[0]) + parameters[1];
        h = activation switch
        {
            "tanh" => h.tanh(),
            "silu" => nn.functional.silu(h),
            "sigmoid" => h.sigmoid(),
            _ => nn.functional.relu(h),
        };
        var torchLoss = -(tt * nn.functional.log_softmax(h.matmul(parameters[2]), 1)).sum() / 6;

        using var numbers = new Numbers<double>
        {
            [x] = Matrix(tx),
            [target] = Matrix(tt),
            [w1] = Matrix(parameters[0]),
            [b1] = Matrix(parameters[1]),
            [w2] = Matrix(parameters[2]),
        };
        Assert.Equal(torchLoss.item<double>(), numbers.Scalar(loss), 1e-14);
        var slopes = autograd.grad([torchLoss], parameters, retain_graph: true, create_graph: true);
        foreach (var (node, parameter, slope) in new[] { w1, b1, w2 }.Zip(parameters, slopes))
        {
            AssertClose(Matrix(slope), numbers.Gradients(loss, [node])[0], $"∂ℓ/∂{node.Name}");
            var hessian = numbers.Hessian(loss, node);
            for (var i = 0; i < hessian.GetLength(0); i++)
            {
                using var row = autograd.grad([slope.flatten()[i]], [parameter], retain_graph: true, create_graph: true)[0];
                var ours = new double[1, hessian.GetLength(1)];
                Buffer.BlockCopy(hessian, i * ours.Length * sizeof(double), ours, 0, ours.Length * sizeof(double));
                AssertClose(Matrix(row.reshape(1, -1)), ours, $"∂²ℓ/∂{node.Name}², row {i}");
            }
        }
    }

    private static double[,] Matrix(Tensor tensor)
    {
        var (values, columns) = (tensor.detach().contiguous().data<double>().ToArray(), (int)tensor.shape[1]);
        var matrix = new double[values.Length / columns, columns];
        Buffer.BlockCopy(values, 0, matrix, 0, values.Length * sizeof(double));
        return matrix;
    }

    // Sums of some dozens of terms below 10.
    private static void AssertClose(double[,] expected, double[,] actual, string where)
    {
        foreach (var (e, a) in expected.Cast<double>().Zip(actual.Cast<double>()))
        {
            Assert.True(Math.Abs(e - a) <= 1e-13, $"{where}: torch {e:R}, ours {a:R}");
        }
    }
}
