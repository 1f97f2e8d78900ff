using Backprop.Formulas;
using Backprop.Models;
using Backprop.Models.Layers;
using Backprop.Training;

namespace Backprop.Tests.Models;

/// <summary>Networks of layers: names, sharing, several heads, and files.</summary>
public class ModelTests
{
    private static readonly Signal X = Signal.Features(4);

    [Fact]
    public void APlainChainIsAMultilayerPerceptron()
    {
        var model = Model.Of(X.Linear(16).Apply(new Tanh()).Linear(8).Apply(new Tanh()).Linear(3), Head.Multiclass);
        var mlp = Assert.IsType<Mlp>(model);
        Assert.Equal(("4-16-8-3", "tanh"), (mlp.ToString(), mlp.Activation.Name));
        Assert.Equal(
            new Weights<float>(new Mlp([4, 16, 8, 3], Activation.Of(new Tanh()), Head.Multiclass)).Tensors, new Weights<float>(model).Tensors);
    }

    [Fact]
    public void OtherNetworksAreNot()
    {
        var h = X.Linear(4);
        Signal[] others = [h.Linear(3), (h + X).Linear(3), X.Apply(new Relu()).Linear(3), h.Apply(new Relu()).Linear(4).Apply(new Tanh()).Linear(3),
            h.Apply(new Relu()), X.Through(new Linear(3) { Bias = false }), X.Through(new Linear(3) { Name = "last" }), h.Apply(new Relu()).Through(h.Layer!)];
        Assert.All(others, other => Assert.Equal(typeof(Model), Model.Of(other, Head.Multiclass).GetType()));
        Assert.StartsWith(
            "The network 4 → linear 4 → linear 3 is not a plain multilayer perceptron",
            Assert.Throws<ArgumentException>(() => Model.Of(others[0], Head.Multiclass).ToMlp()).Message);
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    [InlineData(-1)]
    public void ALossCountsForAFiniteNumberFrom0(double weight)
        => Assert.Contains(
            "not a finite number, 0 or above", Assert.Throws<ArgumentException>(() => Model.Of(new Output(X.Linear(1), Head.Regression, weight))).Message);

    [Fact]
    public void WidthsDoNotOverflow()
    {
        var wide = X.Linear(Model.MaxUnits);
        var concatenation = Assert.Throws<ArgumentException>(() => Signal.Concatenate([.. Enumerable.Repeat(wide, 2049)]));
        Assert.Equal("A Concatenation has 2148532224 columns, outside 1 to 1048576. Correct it.", concatenation.Message);
        var maxout = Assert.Throws<ArgumentException>(() => X.Maxout(1 << 20, 1 << 20));
        Assert.Equal("A Maxout layer has 1099511627776 columns, outside 1 to 1048576. Correct it.", maxout.Message);
    }

    /// <summary>Anybody's text: read, or refused with a reason, and nothing large is made of little.</summary>
    [Theory]
    [InlineData("'layer':'activate','of':[0]", "An Activate layer has no function")]
    [InlineData("'layer':'linear','units':3,'of':[1]", "does not come before it")]
    [InlineData("'layer':'linear','units':3,'of':[-1]", "does not come before it")]
    [InlineData("'layer':'linear','units':3,'of':[]", "takes one input, not 0")]
    [InlineData("'layer':'linear','units':2000000000,'of':[0]", "outside 1 to 1048576")]
    [InlineData("'layer':'linear','units':1048576,'of':[0]},{'layer':'linear','units':1048576,'of':[1]", "more than 268435456")]
    [InlineData("'layer':'spiral','of':[0]", "unrecognized type discriminator")]
    [InlineData("'same':0,'of':[0]", "Layer 1 is none")]
    [InlineData("'layer':'dropout','probability':2,'of':[0]", "outside 0 to 1")]
    [InlineData("'layer':'linear','units':3,'pieces':2,'of':[0]", "could not be mapped")]
    [InlineData("'layer':'linear','units':3,'of':[0]},7,{'a':1", "must be of type 'JsonObject'")]
    [InlineData("'layer':'linear','units':3,'of':[0]", "There is no task 'astrology'", "astrology")]
    [InlineData("'layer':'linear','units':3,'of':[0]", "has 1 output", "binary")]
    public void HostileDescriptionsAreRefused(string layers, string reason, string head = "regression")
    {
        var last = layers.Split("},{").Length;
        var text = $"{{'features':2,'layers':[{{{layers}}}],'heads':[{{'head':'{head}','of':{last},'weight':1}}]}}".Replace('\'', '"');
        var error = Assert.ThrowsAny<Exception>(() => ModelJson.Read(text));
        Assert.True(error is FormatException or ArgumentException, $"{error}");
        Assert.Contains(reason, error.Message);
    }

    [Fact]
    public void ADescriptionThatNestsDeeplyIsRefused()
        => Assert.Contains("depth of 64", Assert.Throws<FormatException>(() => ModelJson.Read(new string('[', 1_000_000))).Message);

    [Fact]
    public void ALayerUsedTwiceSharesItsWeights()
    {
        // x1 = φ1(x0; w1), x2 = φ2(x0 + x1; w2), x3 = φ1(x2; w1).
        var (phi1, phi2, tanh) = (new Linear(4), new Linear(4), Activation.Of(new Tanh()));
        var x1 = X.Through(phi1).Apply(tanh);
        var x2 = (X + x1).Through(phi2).Apply(tanh);
        var shared = Model.Of(x2.Through(phi1).Apply(tanh).Linear(1), Head.Regression);
        Assert.Equal(["0.weight", "0.bias", "3.weight", "3.bias", "7.weight", "7.bias"], new Weights<double>(shared).Tensors.Select(t => t.Name));

        // The same network with two layers instead: the shared layer's gradient is the sum over both uses.
        var y1 = X.Linear(4).Apply(tanh);
        var y2 = (X + y1).Linear(4).Apply(tanh);
        var apart = Model.Of(y2.Linear(4).Apply(tanh).Linear(1), Head.Regression);
        var (w, v) = (Initializers.Default<double>(shared, 1), new Weights<double>(apart));
        foreach (var (to, from) in new[] { ("0", "0"), ("3", "3"), ("5", "0"), ("7", "7") })
        {
            w[$"{from}.weight"].CopyTo(v[$"{to}.weight"]);
            w[$"{from}.bias"].CopyTo(v[$"{to}.bias"]);
        }

        var (one, two) = (Gradients(shared, w), Gradients(apart, v));
        Assert.Equal(one.Loss, two.Loss);
        for (var i = 0; i < 16; i++)
        {
            Assert.Equal(two.Gradients["0.weight"][i] + two.Gradients["5.weight"][i], one.Gradients["0.weight"][i], 1e-15);
        }
    }

    [Fact]
    public void ALayersOwnInitialisersStayWhateverTheNetworksAre()
    {
        var named = X.Linear(4, "first").Through(new Linear(2) { InitialWeights = new DefaultWeights(), InitialBiases = new DefaultBiases() });
        var model = Model.Of(named, Head.Regression);
        var weights = Initializers.Of<float>(model, new TorchRandom(1), new Zeros(), new Constant { Value = 0.1 });
        Assert.All(weights["first.weight"].ToArray(), weight => Assert.Equal(0, weight));
        Assert.All(weights["first.bias"].ToArray(), bias => Assert.Equal(0.1f, bias));
        Assert.All(weights["1.weight"].ToArray(), weight => Assert.NotEqual(0, weight));
        Assert.All(weights["1.bias"].ToArray(), bias => Assert.NotEqual(0.1f, bias));
    }

    [Fact]
    public void WrongNetworksSayWhy()
    {
        var wide = new Linear(5);
        string Error(Func<Model> make) => Assert.Throws<ArgumentException>(() => make()).Message;
        Assert.StartsWith("A sum takes two or more values of as many columns, not of 4, 5.", Error(() => Model.Of(X + X.Through(wide), Head.Regression)));
        Assert.StartsWith("The layer linear 5 is used for inputs of 4 and 5 columns", Error(() => Model.Of(X.Through(wide).Through(wide), Head.Regression)));
        Assert.StartsWith("A network begins with the features of one table", Error(() => Model.Of(X + Signal.Features(4), Head.Regression)));
        Assert.StartsWith(
            "Two layers are named 'a'.", Error(() => Model.Of(X.Through(new Linear(2) { Name = "a" }).Through(new Linear(2) { Name = "a" }), Head.Regression)));
        Assert.StartsWith("A binary network has 1 output, not 4.", Error(() => Model.Of(X, Head.Binary)));
        Assert.StartsWith("A network without a head", Error(() => Model.Of()));
        Assert.StartsWith("A Linear layer has 0 columns, outside 1 to 1048576.", Error(() => Model.Of(X.Linear(0), Head.Regression)));
    }

    [Fact]
    public void ANetworkOfLayersIsSavedAndLoaded()
    {
        var shared = new Linear(4) { Name = "shared" };
        var h = X.Through(shared).Apply(new Tanh());
        var model = Model.Of((X + h).Through(shared).Apply(new Relu()).Through(new Linear(3) { Bias = false }), Head.Multiclass);
        var network = new Network<float>(Initializers.Default<float>(model, 3));
        using var stream = new MemoryStream();
        network.Save(new(stream));
        stream.Position = 0;
        var loaded = Network<float>.Load(new(stream));
        Assert.Equal(new Weights<float>(model).Tensors, new Weights<float>(loaded.Model).Tensors);
        var features = Catalogue.Table(model, 20).Features;
        var (before, after) = (new float[60], new float[60]);
        network.Score(features, before);
        loaded.Score(features, after);
        Assert.Equal(before, after);
        Assert.Equal(network.CopyWeights().Hash(), loaded.CopyWeights().Hash());
    }

    private static (double Loss, Weights<double> Gradients) Gradients(Model model, Weights<double> weights)
    {
        var table = Catalogue.Table(model, 9).To<double>();
        using var pass = new GradientPass<double>(model, 9);
        var gradients = new Weights<double>(model);
        return (pass.Run(weights, table, Catalogue.Rows(9), gradients, new double[9 * model.Outputs]), gradients);
    }
}
