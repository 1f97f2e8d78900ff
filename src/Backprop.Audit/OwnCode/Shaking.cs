using Backprop.Models;

namespace Backprop.Audit;

/// <summary>Runs code that nobody can read again, with every number that it is given moved by a rounding: how far its results may be off.</summary>
/// <param name="random">Decides which way each number moves.</param>
/// <param name="unit">Roundoff of the precision that the code computes in.</param>
internal sealed class Shaking(TorchRandom random, double unit)
{
    private const int Reruns = 6;

    /// <summary>
    /// How many times the largest of these few samples of an error is taken for its bound: 4, or √n where up to n numbers are added up, as
    /// moving each number by a rounding moves a sum by √n of them, and n partial sums that are rounded move it by up to n.
    /// </summary>
    public static double AllowanceOf(int terms) => Math.Max(4, Math.Sqrt(terms));

    /// <summary>What the code makes of the numbers, each moved by 2 roundings of it either way: another way in each run.</summary>
    /// <param name="numbers">The numbers, tensor by tensor.</param>
    /// <param name="run">Runs the code.</param>
    public IEnumerable<TResult> Run<TResult>(IReadOnlyList<double[]> numbers, Func<double[][], TResult> run)
    {
        double Moved(double x) => x * (1 + 2 * unit * random.NextSign());
        for (var rerun = 0; rerun < Reruns; rerun++)
        {
            yield return run([.. numbers.Select(tensor => Array.ConvertAll(tensor, Moved))]);
        }
    }
}
