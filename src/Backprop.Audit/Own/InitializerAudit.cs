using Backprop.Audit.Bounds;
using Backprop.Models;
using Backprop.Torch;
using static TorchSharp.torch;

namespace Backprop.Audit;

/// <summary>Holds an initialiser of TorchSharp's to that of its name here, which draws PyTorch's numbers from PyTorch's stream.</summary>
public static class InitializerAudit
{
    // Libraries' logarithms, cosines and inverse error functions differ in the last bits, which the largest number is a scale for.
    private const double Allowance = 8;

    /// <summary>Compares what both draw of the same seed, in float.</summary>
    /// <param name="theirs">Fills a matrix of units × inputs, and gives it back.</param>
    /// <param name="ours">The initialiser, with the same arguments.</param>
    /// <param name="units">Rows of the matrix.</param>
    /// <param name="inputs">Its columns.</param>
    /// <param name="seed">Of the numbers drawn.</param>
    public static IReadOnlyList<Finding> Run(Func<Tensor, Tensor> theirs, Initializer ours, int units = 20, int inputs = 30, long seed = 1)
    {
        TorchLibrary.EnsureLoaded();
        using var scope = NewDisposeScope();
        using var stream = new TorchStream(seed);
        var given = Array.ConvertAll(theirs(zeros(units, inputs)).data<float>().ToArray(), x => (double)x);
        var drawn = new float[units * inputs];
        ours.Fill<float>(drawn, inputs, units, new TorchRandom(seed));
        var expected = Array.ConvertAll(drawn, x => (double)x);
        var bound = Allowance * Bounded.Float * expected.Max(Math.Abs);
        return
        [
            new Numbered("weight", inputs, expected, given, expected, [.. expected.Select(_ => bound)])
            {
                ReferenceName = $"PyTorch's {ours.Name}",
            }.Judge("initializer", ours.Name, $"TorchSharp's numbers against {ours.Name}"),
        ];
    }
}
