using System.Numerics;
using Backprop.Audit.Bounds;
using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Holds a hand-written backward pass to slopes of the forward pass it belongs to.</summary>
/// <typeparam name="T">float or double: what the code computes in. In double slopes are known to some ten digits, in float to four.</typeparam>
internal sealed class SpanAudit<T> where T : unmanaged, IFloatingPointIeee754<T>
{
    private const int Upstreams = 2;
    private static readonly double Unit = Bounded.Unit<T>();
    private static readonly string[] Names = ["x", "w", "b"];

    private readonly Action<T[][], T[]> forward;
    private readonly Action<T[][], T[], T[][]> backward;
    private readonly double[][] at;
    private readonly int outputs;
    private readonly TorchRandom random;

    /// <summary>Describes the code.</summary>
    /// <param name="forward">Fills the outputs from the tensors.</param>
    /// <param name="backward">Fills the tensors' gradients from the tensors and the outputs' gradient.</param>
    /// <param name="sizes">How many numbers each tensor has.</param>
    /// <param name="outputs">How many outputs there are.</param>
    /// <param name="at">The tensors' numbers, tensor after tensor; null to draw them from U(−1, 1).</param>
    /// <param name="seed">Of the numbers drawn.</param>
    public SpanAudit(Action<T[][], T[]> forward, Action<T[][], T[], T[][]> backward, int[] sizes, int outputs, double[]? at, long seed)
    {
        if (outputs < 1 || Array.Exists(sizes, size => size < 1))
        {
            throw new ArgumentException($"Code from {string.Join(" + ", sizes)} numbers to {outputs} has nothing to audit. Give 1 of each at least.");
        }

        if (at is not null && at.Length != sizes.Sum())
        {
            throw new ArgumentException($"{at.Length} numbers are given for tensors of {string.Join(" + ", sizes)}. Give {sizes.Sum()}, tensor after tensor.");
        }

        (this.forward, this.backward, this.outputs, random) = (forward, backward, outputs, new(seed));
        var (numbers, first) = (at ?? Drawn(sizes.Sum()), 0);
        this.at = [.. sizes.Select(size => Rounded(numbers[first..(first += size)]))];
    }

    /// <summary>Checks every tensor's gradient, for two gradients of the outputs.</summary>
    public IReadOnlyList<Finding> Run()
    {
        var findings = new List<Finding>();
        for (var upstream = 1; upstream <= Upstreams; upstream++)
        {
            var dy = Rounded(Drawn(outputs));
            var gradients = Gradients(at, dy);
            var errors = Errors(gradients, dy);
            Claim[] claims = [.. at.Select((tensor, i) => new Claim($"d{Names[i]}", tensor.Length, tensor, gradients[i]) { Errors = errors[i] })];
            var search = new SlopeSearch(claims, numbers => Value(numbers, dy), Unit);
            var check = $"backward against differences of forward, dy {upstream} of {Upstreams}";
            findings.AddRange(claims.Select((claim, i) => search.Check(i).Judge(Party.Ours, claim, "code", claim.Name, check)));
        }

        return findings;
    }

    private double[][] Gradients(IReadOnlyList<double[]> numbers, double[] dy)
    {
        T[][] gradients = [.. numbers.Select(tensor => new T[tensor.Length])];
        backward(Tensors(numbers), Doubles.In<T>(dy), gradients);
        return [.. gradients.Select(gradient => Doubles.Of<T>(gradient))];
    }

    /// <summary>How far rounding puts gradients off: as far as they move where every number is off by a rounding.</summary>
    private double[][] Errors(double[][] gradients, double[] dy)
    {
        var allowance = Shaking.AllowanceOf(Math.Max(outputs, at.Max(tensor => tensor.Length)));
        double[][] errors = [.. gradients.Select(gradient => Array.ConvertAll(gradient, g => 4 * Unit * Math.Abs(g)))];
        foreach (var moved in new Shaking(random, Unit).Run([.. at, dy], numbers => Gradients(numbers[..^1], numbers[^1])))
        {
            foreach (var (i, gradient) in gradients.Index())
            {
                for (var k = 0; k < gradient.Length; k++)
                {
                    errors[i][k] = Math.Max(errors[i][k], allowance * Math.Abs(moved[i][k] - gradient[k]));
                }
            }
        }

        return errors;
    }

    private double Value(IReadOnlyList<double[]> numbers, double[] dy)
    {
        var y = new T[outputs];
        forward(Tensors(numbers), y);
        var sum = 0.0;
        for (var i = 0; i < y.Length; i++)
        {
            sum += dy[i] * double.CreateTruncating(y[i]);
        }

        return sum;
    }

    private double[] Drawn(int count)
    {
        var drawn = new double[count];
        random.FillUniform<double>(drawn, -1, 1);
        return drawn;
    }

    private static T[][] Tensors(IReadOnlyList<double[]> numbers) => [.. numbers.Select(tensor => Doubles.In<T>(tensor))];

    private static double[] Rounded(double[] numbers) => Doubles.Of<T>(Doubles.In<T>(numbers));
}
