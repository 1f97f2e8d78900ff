using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;

namespace Backprop.Cli.Textbook;

/// <summary>One hidden layer approximates a continuous function on a compact set: here the sine. Deep Learning, section 6.4.1.</summary>
/// <param name="Points">x, and what the network makes of it, from −π to π.</param>
internal sealed record SineFit(IReadOnlyList<(double X, double Y)> Points)
{
    /// <summary>What the largest error is to be below.</summary>
    public const double Bound = 0.01;

    private const int Units = 32;
    private const int Epochs = 1000;

    /// <summary>The network in words.</summary>
    public static string Network => $"{Units} units of tanh, {Epochs} steps of Adam on 301 points";

    /// <summary>The largest error, also between the points that were learned.</summary>
    public double Worst => Points.Max(point => Math.Abs(point.Y - Math.Sin(point.X)));

    /// <summary>Whether that is so.</summary>
    public bool Holds => Worst < Bound;

    /// <summary>Trains the network.</summary>
    public static SineFit Run(CancellationToken cancellation)
    {
        var x = Grid(150);
        var options = new TrainingOptions
        {
            Hidden = [Units],
            Activation = Activation.Of(new Tanh()),
            Optimizer = new Adam { LearningRate = 0.01 },
            Epochs = Epochs,
            BatchSize = x.Length,
            ValidationFraction = 0,
            Engine = new() { Threads = 1 },
        };
        var table = new Examples<double>(x.Length, x, [.. x.Select(Math.Sin)]);
        var network = Trainer.Fit(Head.Regression, 1, table, options, cancellation: cancellation).Network;
        var between = Grid(1000);
        var y = new double[between.Length];
        network.Score(between, y);
        return new([.. between.Zip(y)]);
    }

    private static double[] Grid(int half) => [.. Enumerable.Range(-half, 2 * half + 1).Select(i => i * Math.PI / half)];
}
