using Backprop.Cli;
using Backprop.Comparisons;

namespace Backprop.Interop.Tests.Comparisons;

/// <summary>The comparisons say what they can do.</summary>
public sealed class ComparerTests
{
    private static readonly string[] commands = ["quick", "benchmark", "sweep", "ablation"];

    [Fact]
    public void HelpListsEveryCommand()
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(BackpropTool.Ok, Comparer.Run(["--help"], output, error));
        Assert.All(commands, command => Assert.Contains($"\n  {command} ", output.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData]
    [InlineData("sweeep")]
    [InlineData("--filter", "gemm")]
    public void WithoutACommandOfItsNameTheErrorListsThem(params string[] args)
    {
        using StringWriter output = new(), error = new();
        Assert.Equal(BackpropTool.WrongInput, Comparer.Run(args, output, error));
        Assert.Contains($"Commands are {string.Join(", ", commands)}.", error.ToString(), StringComparison.Ordinal);
        Assert.Equal("", output.ToString());
    }

    [Fact]
    public void ABenchmarkThatIsNotThereIsWrongInput()
        => Assert.Equal(BackpropTool.WrongInput, Comparer.Run(["benchmark", "--filter", "nothing-like-it"], TextWriter.Null, TextWriter.Null));
}
