using Backprop.Audit;
using Backprop.Comparisons.Cases;
using Backprop.Comparisons.Measuring;
using BenchmarkDotNet.Attributes;

namespace Backprop.Comparisons.Benchmarks;

/// <summary>A case and one of those who do its work: a row of BenchmarkDotNet's table.</summary>
public sealed class Pairing
{
    internal Pairing(Case measured, Entrant entrant) => (Case, Entrant) = (measured, entrant);

    internal Case Case { get; }

    internal Entrant Entrant { get; }

    public override string ToString() => $"{Case.Name}: {Entrant}";
}

/// <summary>A bench in BenchmarkDotNet's hands: the cases and contenders of the catalogue, checked to agree before they are timed.</summary>
public abstract class Benchmark(string bench)
{
    private Contender contender = null!;

    public IEnumerable<Pairing> Pairings
        => from measured in Benches.All.Single(b => b.Name == bench).Cases
           from entrant in measured.Entrants
           select new Pairing(measured, entrant);

    [ParamsSource(nameof(Pairings))]
    public Pairing Who { get; set; } = null!;

    [GlobalSetup]
    public void Setup()
    {
        var (measured, entrant) = (Who.Case, Who.Entrant);
        contender = entrant.Make();
        using var engine = measured.Entrants[0].Make();
        measured.Check(entrant, contender.Results(), engine.Results());
        contender.Begin();
    }

    [Benchmark]
    public void Run() => contender.Run();

    [GlobalCleanup]
    public void Cleanup()
    {
        contender.End();
        contender.Dispose();
    }
}

public class Gemm() : Benchmark("gemm");

public class Functions() : Benchmark("functions");

public class TrainStep() : Benchmark("train-step");

public class Inference() : Benchmark("inference");

public class Sparse() : Benchmark("sparse");

public class Scaling() : Benchmark("scaling");

public class Fit() : Benchmark("fit");

public class Layers() : Benchmark("layers");

public class Recompute() : Benchmark("recompute");
