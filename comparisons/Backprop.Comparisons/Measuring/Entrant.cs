using Backprop.Audit;

namespace Backprop.Comparisons.Measuring;

/// <summary>A library that competes.</summary>
/// <param name="Key">Begins the names of its JSON fields.</param>
/// <param name="Name">As tables have it.</param>
internal sealed record Library(string Key, string Name)
{
    /// <summary>This library.</summary>
    public static Library Engine { get; } = new("engine", "engine");

    /// <summary>This library's forward pass alone, beside the whole step.</summary>
    public static Library Forward { get; } = new("forward", "forward pass");

    /// <summary>libtorch by TorchSharp.</summary>
    public static Library Torch { get; } = new("torch", "libtorch");

    /// <summary>ONNX Runtime.</summary>
    public static Library Ort { get; } = new("ort", "ONNX Runtime");
}

/// <summary>Someone who does a case's work.</summary>
/// <param name="Library">Whose code it is.</param>
/// <param name="Threads">On that many threads; before it is made ready, at most.</param>
/// <param name="Make">Makes it ready; called only when it is to be measured.</param>
internal sealed record Entrant(Library Library, int Threads, Func<Contender> Make)
{
    /// <summary>The numbers of threads that libraries are tried at: one, two, and one per core.</summary>
    public static IReadOnlyList<int> ThreadCounts { get; } =
        [.. new[] { 1, 2, Environment.ProcessorCount }.Where(threads => threads <= Environment.ProcessorCount).Distinct()];

    /// <summary>One entrant for each number of threads.</summary>
    public static IEnumerable<Entrant> OnThreads(Library library, Func<int, Contender> make)
        => ThreadCounts.Select(threads => new Entrant(library, threads, () => make(threads)));

    /// <inheritdoc/>
    public override string ToString() => $"{Library.Name}, {Threads} thr.";
}
