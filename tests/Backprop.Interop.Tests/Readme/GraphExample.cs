// <example>
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Planning;

static class GraphExample
{
    public static void Run(TextWriter output)
    {
        var (x, t) = (Node.Input("x", 2), Node.Input("t", 1));
        var (w, b) = (Node.Parameter("w", 2, 1), Node.Parameter("b", 1, 1));
        var z = (x.Times(w) + b).Named("z");
        var loss = Node.MeanLoss(Loss.Of(new SquaredError()), z.Tanh(), t);
        output.WriteLine(Drawing.ToMermaid(loss));

        using var numbers = new Numbers<double>
        {
            [x] = new double[,] { { 3, 4 }, { 0, 2 } },
            [t] = new double[,] { { 1 }, { -1 } },
            [w] = new double[,] { { 0.5 }, { -0.5 } },
            [b] = new double[,] { { 0 } },
        };
        double value = numbers.Scalar(loss);                                     // symbol to number
        double[,] gradient = numbers.Gradients(loss, [w])[0];
        Node slope = Gradient.Build(loss, [w])[0];                               // symbol to symbol: a graph like any other
        double[,] hessian = numbers.Hessian(loss, w);
        double[,] product = numbers.HessianTimesVector(loss, w, gradient);
        output.WriteLine($"{value} {numbers.Value(slope)[0, 0] == gradient[0, 0]} {hessian[0, 1]} {product[0, 0]}");
    }
}
// </example>
