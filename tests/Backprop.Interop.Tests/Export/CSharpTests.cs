using System.Numerics;
using System.Reflection;
using System.Text.RegularExpressions;
using Backprop.Export;
using Backprop.Models;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace Backprop.Interop.Tests.Export;

/// <summary>
/// Networks saved as C# source compile without a warning, reference nothing but the system's assemblies, and give the engine's scores, every bit.
/// </summary>
public sealed class CSharpTests
{
    private static readonly Lazy<Assembly> Compiled = new(() => Compile(ExportCase.All.SelectMany(export => new[]
    {
        export.Value.Network<float>().ToCSharp(new() { Namespace = "Exported.Of.Floats", ClassName = NameOf(export.Key) }),
        export.Value.Network<double>().ToCSharp(new() { Namespace = "Exported.Of.Doubles", ClassName = NameOf(export.Key) }),
    })));

    internal delegate void Scoring<T>(ReadOnlySpan<T> features, Span<T> scores);

    [Theory, MemberData(nameof(ExportCase.Names), MemberType = typeof(ExportCase))]
    public void TheSourceGivesTheEnginesScores(string name)
    {
        Check(ExportCase.Of(name), ExportCase.Of(name).Network<float>(), Compiled.Value.GetType($"Exported.Of.Floats.{NameOf(name)}")!);
        Check(ExportCase.Of(name), ExportCase.Of(name).Network<double>(), Compiled.Value.GetType($"Exported.Of.Doubles.{NameOf(name)}")!);
    }

    [Fact]
    public void ItReferencesOnlyTheSystem()
        => Assert.All(Compiled.Value.GetReferencedAssemblies(), assembly => Assert.StartsWith("System.", assembly.Name));

    [Fact]
    public void LongSumsAreCutAsTheEngineCutsThem()
    {
        // More terms than a chunk, units that fill no vector, and more memory than the stack is asked for.
        var x = Signal.Features(300);
        var h = Signal.Concatenate([.. Enumerable.Repeat(x, 14)]).Columns(1000, 300).Linear(137).Apply(new Formulas.Relu());
        var model = Model.Of((h.LayerNorm() + x.RadialBasis(137, 20)).Linear(19), Head.Multiclass);
        var features = new double[300 * 3];
        new TorchRandom(2).FillUniform<double>(features, -1, 1);
        var export = new ExportCase(model, features);
        var assembly = Compile([export.Network<float>().ToCSharp(new() { ClassName = "Large" })]);
        Check(export, export.Network<float>(), assembly.GetType("Large")!);
    }

    [Fact]
    public void InfinitiesAndNaNPassThroughAsInTheEngine()
    {
        foreach (var (name, middle) in ExportCase.All.Where(pair => pair.Key.StartsWith("activation ", StringComparison.Ordinal) || pair.Key == "layers robustScale"))
        {
            double[] special =
                [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -0.0, float.Epsilon, -float.MaxValue, float.MaxValue, 88.7, 89, -104, 1e-20];
            var export = middle with { Features = [.. special.SelectMany(x => Enumerable.Repeat(x, middle.Model.Inputs))] };
            Check(export, export.Network<float>(), Compiled.Value.GetType($"Exported.Of.Floats.{NameOf(name)}")!);
        }
    }

    [Fact]
    public void FeaturesAreScaledFirst()
    {
        var network = ExportCase.Of("head binary").Network<float>();
        var scaling = new FeatureScaling([0.5, 0, -1, 2, 1e-3], [3, 1, 0.25, 0.1, 7]);
        var type = Compile([network.ToCSharp(new() { Scaling = scaling })]).GetType("Network")!;
        float[] features = [0.3f, -1, 2, 0.1f, 4];
        var (ours, theirs) = (new float[1], new float[1]);
        network.Score(features.Select((x, i) => (x - (float)scaling.Offsets![i]) * (float)scaling.Scales![i]).ToArray(), ours);
        type.GetMethod("Score")!.CreateDelegate<Scoring<float>>()(features, theirs);
        Assert.Equal(ours, theirs);
        Assert.Equal(Network<float>.Probability(ours[0]), type.GetMethod("Probability")!.CreateDelegate<Func<float, float>>()(ours[0]));
    }

    [Fact]
    public void WrongRowsAreRefused()
    {
        var score = Compiled.Value.GetType($"Exported.Of.Floats.{NameOf("layers embedding")}")!.GetMethod("Score")!.CreateDelegate<Scoring<float>>();
        Assert.Contains(
            "8 features and 3 scores do not make whole rows of 7 and 3", Assert.Throws<ArgumentException>(() => score(new float[8], new float[3])).Message);
        Assert.Contains("category 4 is no", Assert.Throws<ArgumentException>(() => score(new float[] { 0, 0, 0, 0, 0, 0, 4 }, new float[3])).Message);
        Assert.Contains("category 1.5 is no", Assert.Throws<ArgumentException>(() => score(new float[] { 0, 0, 0, 0, 0, 1.5f, 0 }, new float[3])).Message);
        Assert.Contains("category NaN is no", Assert.Throws<ArgumentException>(() => score(new float[] { 0, 0, 0, 0, 0, float.NaN, 0 }, new float[3])).Message);
    }

    [Theory]
    [InlineData("", "class", "ClassName has 'class', which is no name in C#")]
    [InlineData("", "9", "ClassName has '9'")]
    [InlineData("", "A; class B", "ClassName has 'A; class B'")]
    [InlineData("", "", "ClassName has ''")]
    [InlineData("A..B", "C", "Namespace has ''")]
    [InlineData("A.int", "C", "Namespace has 'int'")]
    [InlineData("Company.Math", "C", "Namespace has 'Math', which the file uses as .NET's own")]
    [InlineData("", "System", "ClassName has 'System', which the file uses")]
    [InlineData("A", "Score", "ClassName is 'Score', which is also the name of one of the class's members")]
    [InlineData("A", "Softmax", "ClassName is 'Softmax', which")]
    public void NamesThatAreNoneAreRefused(string space, string name, string message)
    {
        var network = ExportCase.Of("layers linear").Network<float>();
        Assert.StartsWith(message, Assert.Throws<ArgumentException>(() => network.ToCSharp(new() { Namespace = space, ClassName = name })).Message);
    }

    [Fact]
    public void AnOperationOfOnesOwnIsRefusedAndLeavesNoFile()
    {
        var folder = Directory.CreateTempSubdirectory("backprop").FullName;
        try
        {
            var own = new Network<float>(Initializers.Default<float>(Model.Of(Signal.Features(3).Apply(new Direction()).Linear(1), Head.Regression), 1));
            Assert.Contains("no counterpart in C# source: only its own code knows",
                Assert.Throws<NotSupportedException>(() => own.SaveCSharp(Path.Combine(folder, "Network.cs"))).Message);
            Assert.Empty(Directory.GetFiles(folder));
            var network = ExportCase.Of("head binary").Network<float>();
            network.SaveCSharp(Path.Combine(folder, "Network.cs"));
            Assert.Equal(network.ToCSharp(), File.ReadAllText(Path.Combine(folder, "Network.cs")));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    /// <summary>Compiles files as a project would that is strict about everything.</summary>
    internal static Assembly Compile(IEnumerable<string> sources)
    {
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Where(path => Path.GetFileName(path).StartsWith("System.", StringComparison.Ordinal));
        var options = new CSharpCompilationOptions(
            OutputKind.DynamicallyLinkedLibrary, optimizationLevel: OptimizationLevel.Release, checkOverflow: true, warningLevel: 9999, nullableContextOptions: NullableContextOptions.Enable,
            generalDiagnosticOption: ReportDiagnostic.Error);
        var parsing = new CSharpParseOptions(documentationMode: DocumentationMode.Diagnose);
        var compilation = CSharpCompilation.Create(
            "Exported", sources.Select(source => CSharpSyntaxTree.ParseText(source, parsing)), platform.Select(path => MetadataReference.CreateFromFile(path)), options);
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        Assert.True(result.Success, string.Join('\n', result.Diagnostics.Take(10)));
        return Assembly.Load(image.ToArray());
    }

    private static void Check<T>(ExportCase export, Network<T> network, Type type) where T : unmanaged, IFloatingPointIeee754<T>
    {
        var theirs = new T[export.Rows * export.Model.Outputs];
        type.GetMethod("Score")!.CreateDelegate<Scoring<T>>()(export.FeaturesAs<T>(), theirs);
        Assert.All(export.Scores(network).Zip(theirs).Index(), pair => Assert.True(
            pair.Item.First.Equals(pair.Item.Second), $"{type.FullName}, score {pair.Index}: {pair.Item.First:R} here, {pair.Item.Second:R} in the source"));
    }

    private static string NameOf(string name) => string.Concat(Regex.Matches(name, @"\w+").Select(word => char.ToUpperInvariant(word.Value[0]) + word.Value[1..]));
}
