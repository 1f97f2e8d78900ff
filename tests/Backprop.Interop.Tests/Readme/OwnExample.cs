// <example>
using System.Runtime.CompilerServices;
using Backprop.Audit;
using Backprop.Formulas;
using Backprop.Graph;
using Backprop.Models;
using Backprop.Training;
using static System.Runtime.CompilerServices.MethodImplOptions;

/// <summary>x / √(1 + x²). Carlile et al. (2017).</summary>
readonly record struct Isru : IActivation
{
    [MethodImpl(AggressiveInlining)]
    public TX Forward<TX>(TX x) where TX : IReal<TX> => x / TX.Sqrt(1 + x * x);

    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX x, TX y) where TX : IReal<TX> => 1 / ((1 + x * x) * TX.Sqrt(1 + x * x));
}

/// <summary>log cosh (z − t): |z − t| + log(½ + ½ e^−2|z − t|), which never overflows; near 0, where that cancels, −½ log(1 − tanh² (z − t)).</summary>
readonly record struct LogCosh : ILoss
{
    [MethodImpl(AggressiveInlining)]
    public TX Value<TX>(TX z, TX t) where TX : IReal<TX> => TX.IfPositive(
        TX.Abs(z - t) - 1, TX.Abs(z - t) + TX.Log1p(0.5 * TX.Expm1(-2 * TX.Abs(z - t))), -0.5 * TX.Log1p(-(TX.Tanh(z - t) * TX.Tanh(z - t))));

    [MethodImpl(AggressiveInlining)]
    public TX Derivative<TX>(TX z, TX t) where TX : IReal<TX> => TX.Tanh(z - t);
}

/// <summary>Lion: w ← w − η sign(c), c = β₁ m + (1 − β₁) g; m ← β₂ m + (1 − β₂) g. Chen et al. (2023).</summary>
sealed record Lion : Optimizer, IOptimizer<Lion.Update>
{
    public Lion() => LearningRate = 1e-4;

    protected override TResult AcceptOwn<TResult>(IOptimizerVisitor<TResult> visitor) => visitor.Visit(this);

    public Update At(long step, double rate) => new(rate);                       // the constants of a step

    public readonly record struct Update(Coefficient Rate) : IUpdate
    {
        public static int States => 1;                                           // m

        [MethodImpl(AggressiveInlining)]
        public void Apply<TX>(TX g, ref TX w, ref TX m, ref TX second, ref TX third) where TX : IReal<TX>
        {
            var c = 0.9 * m + 0.1 * g;
            w -= Rate * TX.IfPositive(c, 1, TX.IfPositive(-c, -1, 0));
            m = 0.99 * m + 0.01 * g;
        }
    }
}

/// <summary>Each row over its length: y = x / ‖x‖, ∂x = (∂y − y (y · ∂y)) / ‖x‖.</summary>
sealed class Direction : CustomOp
{
    public override bool ByRow => true;                                          // so that threads share the rows

    public override Shape ShapeOf(IReadOnlyList<Shape> inputs) => inputs[0];

    public override Node Bprop(Node y, int input, Node gradient)
        => (gradient - y * (y * gradient).SumColumns()) / y.Inputs[0].Square().SumColumns().Sqrt();

    public override void Run<T>(Operands<T> inputs, Matrix<T> y)
    {
        for (var row = 0; row < y.Rows; row++)
        {
            var squares = T.Zero;
            for (var i = 0; i < y.Columns; i++)
            {
                squares += inputs[0][row, i] * inputs[0][row, i];
            }

            for (var i = 0; i < y.Columns; i++)
            {
                y[row, i] = inputs[0][row, i] / T.Sqrt(squares);
            }
        }
    }
}

static class OwnExample
{
    public static TrainingResult<float> Train(Examples<float> table)
    {
        var hidden = Signal.Features(table.FeatureColumns).Apply(new Direction()).Linear(32).Apply(new Isru());
        var network = Model.Of(hidden.Linear(1), Head.Regression with { OutputLoss = Loss.Of(new LogCosh()) });
        return Trainer.Fit(network, table, new() { Optimizer = new Lion { LearningRate = 0.003 }, Epochs = 40 });
    }

    public static IEnumerable<Finding> Check() =>                                // each throws if anything is wrong, and says where
    [
        .. GradientAudit.Check(Activation.Of(new Isru())),                       // against dual numbers and autograd, in float, at kinks
        .. GradientAudit.Check(Loss.Of(new LogCosh())),
        .. GradientAudit.Check(Node.Of(new Direction(), Node.Input("x", 3))),    // Bprop, and Bprop of Bprop, against differences
    ];
}
// </example>
