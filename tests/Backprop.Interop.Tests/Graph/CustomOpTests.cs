using Backprop.Audit;
using Backprop.Graph;
using Backprop.Interop.Tests.Audit;
using Backprop.Planning;

namespace Backprop.Interop.Tests.Graph;

/// <summary>Operations and formulas of another assembly, which sees only what is public, are as good as those built in.</summary>
public class CustomOpTests
{
    private static readonly Node X = Node.Input("x", 5);
    private static readonly Node W = Node.Parameter("w", 4, 3);

    public static TheoryData<string> Names => [.. Examples.Keys];

    private static readonly Dictionary<string, Node> Examples = new()
    {
        ["by row"] = Node.Of(new Direction(), X),
        ["of a parameter"] = Node.Of(new Direction(), W),
        ["whole"] = Node.Of(new RunningSum(), X),
        ["two"] = Node.Of(new RunningSum(), Node.Of(new Direction(), X.Tanh())),
        ["formula"] = Node.Map(new Bump(), X, X.MeanRows()),
        ["built in"] = X.Columns(0, 4).Times(W).Softmax(),
    };

    [Theory, MemberData(nameof(Names))]
    public void TheAuditPassesThem(string name) => Faults.AreNone(OpAudit.Run(Examples[name]));

    [Fact]
    public void TheAuditKnowsCategories()
    {
        var looked = X.Columns(1, 1).Lookup(W);
        var numbers = new Dictionary<Node, double[,]> { [X] = new double[,] { { 0, 3, 0, 0, 0 }, { 0, 1, 0, 0, 0 }, { 0, 3, 0, 0, 0 } } };
        Faults.AreNone(OpAudit.Run(looked, numbers));
    }

    [Fact]
    public void TheAuditFindsAWrongRule()
    {
        foreach (var op in new CustomOp[] { new WrongRunningSum(), new ForgetfulRunningSum() })
        {
            var findings = OpAudit.Run(Node.Of(op, X));
            Assert.Equal(Verdict.OursWorse, findings[0].Verdict);
            Assert.Matches(@"^x \[\d, \d\]: ours .*, theirs \(differences\) .*, bound ", findings[0].Where);
            Assert.Equal(Verdict.Agrees, findings[2].Verdict);
        }
    }

    [Fact]
    public void TheAuditFindsRowsThatDependOnOthers()
    {
        var finding = OpAudit.Run(Node.Of(new ClaimsRows(), X))[^1];
        Assert.StartsWith("a row in its batch against the row alone", finding.Check);
        Assert.Equal(Verdict.OursWorse, finding.Verdict);
        Assert.EndsWith("bound 0", OpAudit.Run(Node.Of(new Direction(), X))[^1].Where);
    }

    [Fact]
    public void ThreadsAndWidthsChangeNoBit()
    {
        var random = new Random(5);
        var x = new float[700, 5];
        for (var i = 0; i < x.Length; i++)
        {
            x[i / 5, i % 5] = random.NextSingle() - 0.5f;
        }

        var loss = (Node.Of(new RunningSum(), Node.Of(new Direction(), X)) * Node.Map(new Bump(), X, X.MeanRows())).Mean();
        float[] Run(int threads, int bits)
        {
            using var numbers = new Numbers<float>(new() { Threads = threads, VectorBits = bits }) { [X] = x };
            return [numbers.Scalar(loss), .. numbers.Gradients(loss, [X])[0].Cast<float>()];
        }

        var expected = Run(1, 512);
        Assert.Equal(expected, Run(2, 128));
        Assert.Equal(expected, Run(3, 0));
    }

    [Fact]
    public void AMatrixIsGuardedAtItsEdges()
    {
        using var numbers = new Numbers<double>();
        numbers.Fill(W, 1);
        Assert.Contains("Column 3 is outside 0 to 2", Assert.Throws<ArgumentOutOfRangeException>(() => numbers.Value(Node.Of(new Beyond(), W))).Message);
    }

    private sealed class Beyond : RunningSum
    {
        public override void Run<T>(Operands<T> inputs, Matrix<T> result) => result[0, result.Columns] = T.One;
    }
}
