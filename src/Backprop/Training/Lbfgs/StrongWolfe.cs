using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Training;

/// <summary>
/// A line search for the strong Wolfe conditions: enough of a fall, and a slope that is flat enough. Nocedal and Wright (2006), algorithms
/// 3.5 and 3.6 with cubic interpolation, as in PyTorch's LBFGS.
/// </summary>
/// <param name="objective">What is minimised.</param>
/// <param name="start">Where the line starts.</param>
/// <param name="direction">Where it goes.</param>
/// <param name="tolerance">A bracket in which no number of x changes by more is not narrowed further.</param>
internal sealed class StrongWolfe<T>(Objective<T> objective, T[] start, T[] direction, double tolerance) where T : unmanaged, IFloatingPointIeee754<T>
{
    private const double Fall = 1e-4, Flatness = 0.9;
    private const int MostIterations = 25;

    /// <summary>Evaluations so far.</summary>
    public int Evaluations { get; private set; }

    /// <summary>Searches along the line.</summary>
    /// <param name="value">The objective at the start.</param>
    /// <param name="slope">Its slope there, below 0.</param>
    /// <param name="gradient">Its gradient there; overwritten by that of the point found.</param>
    /// <param name="length">The first length to try.</param>
    /// <param name="x">Overwritten by the point found.</param>
    /// <returns>The objective at the point found, and its length.</returns>
    public (double Value, double Length) Run(double value, double slope, T[] gradient, double length, Span<T> x)
    {
        var origin = new Point(0, value, slope, [.. gradient]);
        bool Falls(Point p) => p.Value <= origin.Value + Fall * p.Length * slope;
        bool IsFlat(Point p) => Math.Abs(p.Slope) <= -Flatness * slope;

        // First a bracket that holds a good point.
        var (previous, point, iteration) = (origin, At(length, x), 0);
        Point low, high;
        var done = false;
        while (true)
        {
            if (iteration == MostIterations)
            {
                (low, high) = (origin, point);
                break;
            }

            if (!Falls(point) || (iteration > 1 && point.Value >= previous.Value))
            {
                (low, high) = (previous, point);
                break;
            }

            if (IsFlat(point))
            {
                (low, high, done) = (point, point, true);
                break;
            }

            if (point.Slope >= 0)
            {
                (low, high) = (previous, point);
                break;
            }

            var next = Interpolate(previous, point, (point.Length + 0.01 * (point.Length - previous.Length), point.Length * 10));
            (previous, point, iteration) = (point, At(next, x), iteration + 1);
        }

        // Then ever narrower ones, whose low end is the best point so far.
        var largest = direction.Max(d => Math.Abs(double.CreateTruncating(d)));
        (low, high) = low.Value <= high.Value ? (low, high) : (high, low);
        for (var slow = false; !done && iteration < MostIterations && !(Math.Abs(high.Length - low.Length) * largest < tolerance); iteration++)
        {
            var (least, most) = (Math.Min(low.Length, high.Length), Math.Max(low.Length, high.Length));
            var next = Interpolate(low, high, (least, most));
            var margin = 0.1 * (most - least);
            if (Math.Min(most - next, next - least) < margin)
            {
                // Near an end a second time, or at it: a tenth away from it.
                var moves = slow || next >= most || next <= least;
                next = !moves ? next : most - next < next - least ? most - margin : least + margin;
                slow = !moves;
            }
            else
            {
                slow = false;
            }

            point = At(next, x);
            if (!Falls(point) || point.Value >= low.Value)
            {
                (low, high) = low.Value <= point.Value ? (low, point) : (point, low);
            }
            else
            {
                done = IsFlat(point);
                high = !done && point.Slope * (high.Length - low.Length) >= 0 ? low : high;
                low = point;
            }
        }

        Move(low.Length, x);
        low.Gradient.CopyTo(gradient, 0);
        return (low.Value, low.Length);
    }

    /// <summary>Where the cubic through two points with their slopes is least, between bounds.</summary>
    private static double Interpolate(Point a, Point b, (double Least, double Most) bounds)
    {
        var d1 = a.Slope + b.Slope - 3 * (a.Value - b.Value) / (a.Length - b.Length);
        var square = d1 * d1 - a.Slope * b.Slope;
        if (!(square >= 0))
        {
            return (bounds.Least + bounds.Most) / 2;
        }

        (a, b) = a.Length <= b.Length ? (a, b) : (b, a);
        var d2 = Math.Sqrt(square);
        var least = b.Length - (b.Length - a.Length) * ((b.Slope + d2 - d1) / (b.Slope - a.Slope + 2 * d2));
        return least > bounds.Most ? bounds.Most : least >= bounds.Least ? least : bounds.Least;
    }

    private Point At(double length, Span<T> x)
    {
        Move(length, x);
        var gradient = new T[x.Length];
        var value = objective(x, gradient);
        Evaluations++;
        return new(length, value, Dot.Of<T>(gradient, direction), gradient);
    }

    private void Move(double length, Span<T> x)
    {
        start.CopyTo(x);
        Multiples.Add(x, length, direction);
    }

    private sealed record Point(double Length, double Value, double Slope, T[] Gradient);
}
