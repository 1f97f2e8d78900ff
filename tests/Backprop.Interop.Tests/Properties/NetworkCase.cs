using Backprop.Formulas;
using Backprop.Models;
using CsCheck;

namespace Backprop.Interop.Tests.Properties;

/// <summary>One layer of a random network.</summary>
/// <param name="Kind">Its row of <see cref="NetworkLayer.All"/>.</param>
/// <param name="Choice">Decides its options.</param>
internal readonly record struct NetworkStep(int Kind, int Choice);

/// <summary>What is compared beside loss, logits and gradients.</summary>
[Flags]
internal enum NetworkChecks
{
    None = 0,

    /// <summary>One to three steps of an optimizer.</summary>
    Steps = 1,

    /// <summary>The same bits on other threads and vectors, and with activations computed again.</summary>
    SameBits = 2,

    /// <summary>The same scores from a file.</summary>
    File = 4,

    /// <summary>Float beside PyTorch's float.</summary>
    Float = 8,
}

/// <summary>The description of a random network and its table: any numbers make one.</summary>
/// <param name="Features">Real features.</param>
/// <param name="Rows">Rows of the batch.</param>
/// <param name="Seed">Gives weights, examples and masks.</param>
/// <param name="Weighted">Whether examples have weights.</param>
/// <param name="Checks">What else is compared.</param>
/// <param name="Steps">Its layers.</param>
/// <param name="Heads">Its heads: each a row of the tasks and a choice of their options.</param>
internal sealed record NetworkCase(int Features, int Rows, int Seed, bool Weighted, NetworkChecks Checks, NetworkStep[] Steps, NetworkStep[] Heads)
{
    private const int MostFeatures = 70, MostRows = 60;

    // BatchNorm's fewest.
    private const int LeastRows = 2;

    /// <summary>The tasks, regression with every loss of real targets.</summary>
    public static IReadOnlyList<Head> Tasks { get; } =
    [
        Backprop.Models.Head.Binary,
        Backprop.Models.Head.Multiclass,
        Backprop.Models.Head.Poisson,
        Backprop.Models.Head.Gaussian,
        .. Loss.All.Where(loss => loss.Name.Split('(')[0] is "squarederror" or "absoluteerror" or "smoothl1" or "huber" or "pinball").Select(loss => Backprop.Models.Head.Regression with { OutputLoss = loss }),
    ];

    /// <summary>Networks of every layer alike.</summary>
    public static Gen<NetworkCase> Gen { get; } = CsCheck.Gen.Select(
        CsCheck.Gen.Int[1, MostFeatures],
        CsCheck.Gen.Int[LeastRows, MostRows],
        CsCheck.Gen.Int[0, int.MaxValue - 1],
        CsCheck.Gen.Bool,
        CsCheck.Gen.Select(Often(NetworkChecks.Steps, 4), Often(NetworkChecks.SameBits, 3), Often(NetworkChecks.File, 4), Often(NetworkChecks.Float, 2), (a, b, c, d) => a | b | c | d),
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, NetworkLayer.All.Count - 1], CsCheck.Gen.Int[0, 9999]).Select((kind, choice) => new NetworkStep(kind, choice)).Array[0, 7],
        CsCheck.Gen.Select(CsCheck.Gen.Int[0, 99], CsCheck.Gen.Int[0, 9999]).Select((kind, choice) => new NetworkStep(kind, choice)).Array[1, 3],
        (features, rows, seed, weighted, checks, steps, heads) => new NetworkCase(features, rows, seed, weighted, checks, steps, heads));

    /// <summary>A check in one of so many cases.</summary>
    private static Gen<NetworkChecks> Often(NetworkChecks check, int cases) => CsCheck.Gen.Int[1, cases].Select(which => which == cases ? check : NetworkChecks.None);

    /// <summary>The network.</summary>
    public Model ToModel()
    {
        var builder = new NetworkBuilder(Features, Steps.Count(step => NetworkLayer.All[step.Kind].TakesCategories));
        foreach (var step in Steps)
        {
            builder.Add(NetworkLayer.All[step.Kind], step.Choice);
        }

        return Model.Of([.. Heads.Select(head => builder.Head(Tasks[head.Kind % Tasks.Count], head.Choice))]);
    }

    /// <summary>A table for it: real features, then category columns; every target one that its head takes.</summary>
    public Examples<float> ToTable(Model model)
    {
        var random = new Random(Seed);
        float Real(double from, double to) => (float)(from + (to - from) * random.NextDouble());
        var features = new float[Rows * model.Inputs];
        var targets = new List<float>();
        for (var i = 0; i < features.Length; i++)
        {
            features[i] = i % model.Inputs < Features ? Real(-2, 2) : random.Next(NetworkBuilder.Categories);
        }

        for (var row = 0; row < Rows; row++)
        {
            foreach (var (logits, head, _) in model.HeadOutputs)
            {
                for (var i = 0; i < head.TargetColumns(logits.Width); i++)
                {
                    targets.Add(head switch
                    {
                        BinaryHead => random.Next(2),
                        MulticlassHead => random.Next(logits.Width),
                        PoissonHead => random.Next(5),
                        _ => Real(-1, 1),
                    });
                }
            }
        }

        return new(Rows, features, [.. targets], Weighted ? [.. Enumerable.Range(0, Rows).Select(_ => Real(0.5, 1.5))] : null);
    }

    /// <summary>The description, and the network that it makes.</summary>
    public override string ToString()
    {
        var model = ToModel();
        var layers = model.Signals.Skip(1).Select(signal => $"{signal.Layer} of {string.Join(" and ", signal.Inputs.Select(input => input.Width))}");
        return $"{Rows} rows of {model.Inputs} features, seed {Seed}{(Weighted ? ", weighted" : "")}, checks {Checks}: {string.Join(", ", layers)}; heads {string.Join(", ", model.HeadOutputs.Select(output => $"{output.Head} of {output.Logits.Width} × {output.LossWeight}"))}";
    }
}
