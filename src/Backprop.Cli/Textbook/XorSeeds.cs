using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Cli.Textbook;

/// <summary>Exclusive or, learned from random weights: which seeds get there. Deep Learning, section 6.1.</summary>
/// <param name="Network">The network.</param>
/// <param name="Expected">How many seeds get there: weights have the same bits on every machine, so it is always as many.</param>
/// <param name="Seeds">Those of the seeds from 1 to <see cref="Tried"/> whose loss falls below <see cref="Bound"/>.</param>
internal sealed record XorSeeds(Mlp Network, int Expected, IReadOnlyList<int> Seeds)
{
    /// <summary>The loss to reach.</summary>
    public const double Bound = 1e-3;

    /// <summary>How many seeds are tried.</summary>
    public const int Tried = 100;

    /// <summary>How long each is trained.</summary>
    public const int Steps = 1000;

    private static readonly int[] Rows = [0, 1, 2, 3];
    private static readonly Examples<float> Table = new(4, [0, 0, 0, 1, 1, 0, 1, 1], [0, 1, 1, 0]);

    /// <summary>Trains every seed of a narrow and of a wider network, with each of two activations.</summary>
    public static IReadOnlyList<XorSeeds> Run(CancellationToken cancellation) =>
    [
        Of("2-2-1", Activation.Of(new Tanh()), 44, cancellation),
        Of("2-8-1", Activation.Of(new Tanh()), 100, cancellation),
        Of("2-2-1", Activation.Of(new Relu()), 22, cancellation),
        Of("2-8-1", Activation.Of(new Relu()), 95, cancellation),
    ];

    /// <summary>Whether as many get there as expected.</summary>
    public bool Holds => Seeds.Count == Expected;

    /// <summary>The seeds, as ranges.</summary>
    public string SeedsInWords
    {
        get
        {
            // Neighbours have the same difference to their places.
            var runs = Seeds.Select((seed, i) => (seed, i)).GroupBy(pair => pair.seed - pair.i, pair => pair.seed);
            return string.Join(", ", runs.Select(run => run.Count() < 3 ? string.Join(", ", run) : $"{run.First()} to {run.Last()}"));
        }
    }

    private static XorSeeds Of(string sizes, Activation activation, int expected, CancellationToken cancellation)
    {
        var network = Mlp.Parse(sizes, activation, Head.Binary);
        return new(network, expected, [.. Enumerable.Range(1, Tried).Where(seed => Loss(network, seed, cancellation) < Bound)]);
    }

    private static double Loss(Mlp network, int seed, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        using var step = new TrainingStep<float>(
            Initializers.Default<float>(network, seed), new Adam { LearningRate = 0.05 }, 4, new() { Threads = 1 });
        var loss = double.NaN;
        for (var i = 0; i < Steps; i++)
        {
            loss = step.Run(Table, Rows);
        }

        return loss;
    }
}
