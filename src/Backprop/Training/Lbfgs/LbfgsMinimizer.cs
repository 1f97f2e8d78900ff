using System.Numerics;
using Backprop.Kernels;

namespace Backprop.Training;

/// <summary>A minimisation by L-BFGS, step after step; what it has learned of the objective's curvature stays between steps.</summary>
/// <remarks>Inner products are added up in double in a fixed order: the same bits on every machine.</remarks>
/// <typeparam name="T">float or double.</typeparam>
/// <param name="options">The settings.</param>
/// <param name="objective">What is minimised.</param>
public sealed class LbfgsMinimizer<T>(Lbfgs options, Objective<T> objective) where T : unmanaged, IFloatingPointIeee754<T>
{
    // Curvature below this, the product of a step and the gradient's change along it, is noise.
    private const double LeastCurvature = 1e-10;

    private readonly List<Pair> history = [];
    private T[] direction = [];
    private T[] previousGradient = [];
    private T[] gradient = [];
    private T[] start = [];
    private double length;
    private double scale = 1;
    private long iterations;

    /// <summary>Iterations made so far.</summary>
    public long Iterations => iterations;

    /// <summary>Moves x towards a minimum.</summary>
    /// <param name="x">Where the search starts; overwritten by where it ends. As long at every step.</param>
    /// <returns>The objective before the step.</returns>
    public double Step(Span<T> x)
    {
        if (direction.Length != x.Length)
        {
            if (iterations > 0)
            {
                throw new ArgumentException($"A point of {x.Length} numbers follows one of {direction.Length}. Make a minimizer for each.");
            }

            (direction, previousGradient, gradient, start) = (new T[x.Length], new T[x.Length], new T[x.Length], new T[x.Length]);
        }

        var first = objective(x, gradient);
        var (value, evaluations) = (first, 1);
        for (var i = 1; i <= options.Iterations && Largest(gradient) > options.GradientTolerance; i++)
        {
            iterations++;
            Remember();
            Turn();
            gradient.CopyTo(previousGradient, 0);
            var previousValue = value;
            length = iterations == 1 ? Math.Min(1, 1 / Sum(gradient)) * options.LearningRate : options.LearningRate;
            var slope = Dot.Of<T>(gradient, direction);
            if (!(slope <= -options.ChangeTolerance))
            {
                break;
            }

            if (options.StrongWolfe)
            {
                x.CopyTo(start);
                var search = new StrongWolfe<T>(objective, start, direction, options.ChangeTolerance);
                (value, length) = search.Run(value, slope, gradient, length, x);
                evaluations += search.Evaluations;
            }
            else
            {
                Multiples.Add<T>(x, length, direction);
                if (i == options.Iterations)
                {
                    // The next step evaluates it first thing.
                    break;
                }

                value = objective(x, gradient);
                evaluations++;
            }

            if (evaluations >= (options.Evaluations ?? options.Iterations * 5 / 4)
                || Largest(direction) * length <= options.ChangeTolerance
                || Math.Abs(value - previousValue) < options.ChangeTolerance)
            {
                break;
            }
        }

        return first;
    }

    /// <summary>Saves or loads what it has learned, of points of that many numbers.</summary>
    internal void Exchange(StateStream stream, int numbers)
    {
        stream.Exchange(ref iterations);
        if (iterations == 0)
        {
            return;
        }

        if (stream.Loads)
        {
            (direction, previousGradient, gradient, start) = (new T[numbers], new T[numbers], new T[numbers], new T[numbers]);
        }

        stream.Exchange(ref length);
        stream.Exchange(ref scale);
        stream.Exchange(direction.AsSpan());
        stream.Exchange(previousGradient.AsSpan());
        var count = stream.Count(history.Count, options.History);
        for (var i = 0; i < count; i++)
        {
            if (stream.Loads)
            {
                history.Add(new(new T[numbers], new T[numbers]));
            }

            var curvature = history[i].Curvature;
            stream.Exchange(history[i].Step.AsSpan());
            stream.Exchange(history[i].Change.AsSpan());
            stream.Exchange(ref curvature);
            history[i].Curvature = curvature;
        }
    }

    /// <summary>Adds the last step and the gradient's change along it to the history.</summary>
    private void Remember()
    {
        if (iterations == 1)
        {
            return;
        }

        var pair = new Pair(new T[gradient.Length], new T[gradient.Length]);
        for (var i = 0; i < gradient.Length; i++)
        {
            pair.Change[i] = gradient[i] - previousGradient[i];
            pair.Step[i] = direction[i] * T.CreateTruncating(length);
        }

        pair.Curvature = Dot.Of<T>(pair.Change, pair.Step);
        if (pair.Curvature > LeastCurvature)
        {
            if (history.Count == options.History)
            {
                history.RemoveAt(0);
            }

            history.Add(pair);
            scale = pair.Curvature / Dot.Of<T>(pair.Change, pair.Change);
        }
    }

    /// <summary>The direction −H g by the two-loop recursion: algorithm 7.4.</summary>
    private void Turn()
    {
        for (var i = 0; i < gradient.Length; i++)
        {
            direction[i] = -gradient[i];
        }

        foreach (var pair in Enumerable.Reverse(history))
        {
            pair.Share = Dot.Of<T>(pair.Step, direction) / pair.Curvature;
            Multiples.Add<T>(direction, -pair.Share, pair.Change);
        }

        Multiples.Scale<T>(direction, scale);
        foreach (var pair in history)
        {
            Multiples.Add<T>(direction, pair.Share - Dot.Of<T>(pair.Change, direction) / pair.Curvature, pair.Step);
        }
    }

    private static double Largest(T[] x)
    {
        var largest = 0.0;
        foreach (var number in x)
        {
            // NaN is not below anything, so that it ends up here and ends the search.
            var size = Math.Abs(double.CreateTruncating(number));
            largest = size <= largest ? largest : size;
        }

        return largest;
    }

    private static double Sum(T[] x)
    {
        var sum = 0.0;
        foreach (var number in x)
        {
            sum += Math.Abs(double.CreateTruncating(number));
        }

        return sum;
    }

    private sealed class Pair(T[] step, T[] change)
    {
        public T[] Step => step;

        public T[] Change => change;

        public double Curvature { get; set; }

        /// <summary>α of the recursion.</summary>
        public double Share { get; set; }
    }
}
