using Backprop.Graph;

namespace Backprop.Tests.Graph;

/// <summary>Graphs print with their intermediate nodes, whatever these are called.</summary>
public class DrawingTests
{
    [Fact]
    public void LogisticRegressionPrintsWithItsIntermediateNodes()
    {
        var (x, w, b) = (Node.Input("x", 3), Node.Parameter("w", 3, 1), Node.Parameter("b", 1, 1));
        var dot = x.Times(w).Named("u1");
        var y = (dot + b).Named("u2").Sigmoid().Named("ŷ");
        Assert.Equal(
            """
            x, batch × 3
            w, 3 × 1
            u1 = Product(x, w), batch × 1
            b, 1 × 1
            u2 = Addition(u1, b), batch × 1
            ŷ = Sigmoid(u2), batch × 1

            """,
            Drawing.ToText(y));
        Assert.Equal(
            """
            flowchart LR
                n0(["x<br/>batch × 3"])
                n1(["w<br/>3 × 1"])
                n2["u1<br/>Product<br/>batch × 1"]
                n3(["b<br/>1 × 1"])
                n4["u2<br/>Addition<br/>batch × 1"]
                n5["ŷ<br/>Sigmoid<br/>batch × 1"]
                n0 --> n2
                n1 --> n2
                n2 --> n4
                n3 --> n4
                n4 --> n5

            """,
            Drawing.ToMermaid(y));
    }

    [Fact]
    public void ARectifiedLayerPrintsAsDot()
    {
        // max{0, XW + b}.
        var h = Node.Max(0, Node.Input("X", 2).Times(Node.Parameter("W", 2, 4)) + Node.Parameter("b", 1, 4)).Named("H");
        Assert.Equal(
            """
            digraph {
                rankdir=LR;
                n0 [shape=ellipse, label="0\n1 × 1"];
                n1 [shape=ellipse, label="X\nbatch × 2"];
                n2 [shape=ellipse, label="W\n2 × 4"];
                n3 [shape=box, label="Product\nbatch × 4"];
                n4 [shape=ellipse, label="b\n1 × 4"];
                n5 [shape=box, label="Addition\nbatch × 4"];
                n6 [shape=box, label="H\nMaximum\nbatch × 4"];
                n1 -> n3;
                n2 -> n3;
                n3 -> n5;
                n4 -> n5;
                n0 -> n6;
                n5 -> n6;
            }

            """,
            Drawing.ToDot(h));
    }

    [Fact]
    public void NamesThatMeanSomethingToAPrinterAreWrittenAsTheyAre()
    {
        var node = Node.Parameter("a\"];\n<b> & \\n #1; `x`", 1, 1);
        Assert.Contains("label=\"a\\\"]; <b> & \\\\n #1; `x`\\n1 × 1\"", Drawing.ToDot(node));
        Assert.Contains("([\"a#34;]#59; #60;b#62; #38; #92;n #35;1#59; #96;x#96;<br/>1 × 1\"])", Drawing.ToMermaid(node));
        Assert.Equal("a\"]; <b> & \\n #1; `x`, 1 × 1\n", Drawing.ToText(node));
    }

    [Fact]
    public void NodesOfOneNameAreToldApart()
    {
        var a = Node.Parameter("a", 1, 1);
        Assert.Equal("a, 1 × 1\nAddition = Addition(a, a), 1 × 1\nAddition#2 = Addition(Addition, a), 1 × 1\n", Drawing.ToText(a + a + a));
    }
}
