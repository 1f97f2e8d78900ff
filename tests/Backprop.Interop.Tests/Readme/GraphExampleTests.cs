using System.Runtime.CompilerServices;

namespace Backprop.Interop.Tests.Readme;

/// <summary>The README's graph runs as printed.</summary>
public class GraphExampleTests
{
    [Fact]
    public void TheGraphInTheReadmeIsTheOneThatRuns()
    {
        var here = Path.GetDirectoryName(ThisFile())!;
        var source = File.ReadAllText(Path.Combine(here, "GraphExample.cs"));
        var example = source.Split("// <example>\n")[1].Split("// </example>")[0].TrimEnd();
        var readme = File.ReadAllText(Path.Combine(here, "..", "..", "..", "README.md"));
        Assert.True(readme.Contains($"```csharp\nusing Backprop.Audit;\nusing Backprop.Formulas;\nusing Backprop.Graph;\nusing Backprop.Planning;\n\n{example}\n```"),
            $"README.md must show tests/…/Readme/GraphExample.cs as it is:\n{example}");
    }

    [Fact]
    public void ItSaysWhatItShould()
    {
        using var said = new StringWriter();
        GraphExample.Run(said);
        Assert.Contains("[\"z<br/>Addition<br/>batch × 1\"]", said.ToString());
        Assert.Contains(" True ", said.ToString());
        Assert.Equal(3, said.ToString().Split(": passes\n").Length - 1);
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
