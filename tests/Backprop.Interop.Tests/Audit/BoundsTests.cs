using Backprop.Audit.Bounds;
using Backprop.Formulas;
using Backprop.Interop.Tests.Torch;

namespace Backprop.Interop.Tests.Audit;

/// <summary>What is read off a formula bounds what rounding does to it.</summary>
public sealed class BoundsTests
{
    /// <summary>Each operation is rounded once, or is a function that is right to 2 units: so what the reading says is a bound, but for terms of second order.</summary>
    [Fact]
    public void ABoundIsReadOffEveryFormula()
    {
        foreach (var activation in Activation.All)
        {
            for (var x = -30f; x < 30; x += 0.37f)
            {
                var input = new Bounded(x, 0);
                var (y, z) = (activation.Forward(input), activation.Forward(new Scalar<float>(x)));
                Check(activation, "value", x, y, z.Value);
                Check(activation, "derivative", x, activation.Derivative(input, y), activation.Derivative(new Scalar<float>(x), z).Value);
            }
        }

        static void Check(Activation who, string what, float x, Bounded bound, float single)
            => Assert.True(
                Math.Abs(single - bound.Value) <= 1.001 * Bounded.Float * bound.Error,
                $"{who}'s {what} at {x:R}: {single:R} for {bound.Value:R}, bound {Bounded.Float * bound.Error:G3}");
    }
}
