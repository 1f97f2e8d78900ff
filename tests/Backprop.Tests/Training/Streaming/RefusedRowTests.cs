using Backprop.Formulas;
using Backprop.Models;
using Backprop.Training;
namespace Backprop.Tests.Training;

/// <summary>Caps that do not suffice, and rows that cannot be learned from, are refused in words.</summary>
public class RefusedRowTests
{
    [Fact]
    public void CapsThatAreTooLowAreRefusedWithTheLeastThatWillDo()
    {
        var table = Streamed.Classes(9_000);
        string Error(TrainingOptions options) => Assert.Throws<ArgumentException>(() => Streamed.Fit(Streamed.Network, table, options)).Message;
        Assert.Equal("MemoryCap is 1000, not 1048576 (1 MiB) or more. Correct the option.", Error(Streamed.Options with { MemoryCap = 1000 }));
        Assert.Equal("MemoryCap is -1, not 1048576 (1 MiB) or more. Correct the option.", Error(Streamed.Options with { MemoryCap = -1 }));
        var nowhere = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}", "nowhere");
        Assert.Equal($"There is no folder '{nowhere}' for CacheFolder. Create it, or choose another.", Error(Streamed.Options with { CacheFolder = nowhere }));

        var tooLarge = Streamed.Options with { BatchSize = 4_000 };
        var message = Error(tooLarge);
        Assert.StartsWith("MemoryCap is 1,048,576 bytes, too little for batches of 4000 rows of up to 248 bytes. Set ", message);
        var least = CapIn(message);
        Assert.Contains("too little", Error(tooLarge with { MemoryCap = least * 9 / 10 }));
        Streamed.Fit(Streamed.Network, Streamed.Classes(16_000), tooLarge with { MemoryCap = least, Epochs = 1 });
    }

    [Fact]
    public void ARowLargerThanTheCapIsRefused()
    {
        var model = new Mlp([62_000, 1], Activation.Of(new Relu()), Head.Binary);
        using var data = new TrainingData<float>(model, Streamed.Options);
        var message = Assert.Throws<ArgumentException>(() => data.Training.Add(new float[62_000], [1])).Message;
        Assert.StartsWith("MemoryCap is 1,048,576 bytes, too little for a row of 496,008 bytes in batches of 64. Set ", message);
        // Under the cap it names, more such rows than stay in memory are trained on.
        var options = Streamed.Options with { MemoryCap = CapIn(message), Epochs = 1 };
        using var enough = new TrainingData<float>(model, options);
        var ones = Enumerable.Repeat(1f, 62_000).ToArray();
        for (var row = 0; row < 150; row++)
        {
            enough.Training.Add(ones, [row % 2]);
        }

        enough.Fit();
        Assert.True(enough.FileBytes > 0);
    }

    [Theory, InlineData(false), InlineData(true)]
    public void ARowWithMoreNonZerosThanTheFilesBuffersHoldIsRefused(bool validation)
    {
        // Rows of three non-zeros shape the buffers: 26,000 non-zeros fit. One of 35,000 would fit if its own row had shaped them.
        var model = new Mlp([100_000, 1], Activation.Of(new Relu()), Head.Binary);
        var many = (Columns: Catalogue.Rows(35_000), Values: Enumerable.Repeat(1f, 35_000).ToArray());
        void Give(long cap)
        {
            using var data = new TrainingData<float>(model, Streamed.Options with { MemoryCap = cap, Epochs = 1 }, new(ValidationRows: validation));
            for (var row = 0; row < (validation ? 3_000 : 12_000); row++)
            {
                data.Training.Add([1, 2, 3], [1, 1, 1], [row % 2]);
            }

            for (var row = 0; row < 3; row++)
            {
                (validation ? data.Validation : data.Training).Add(many.Columns, many.Values, [row % 2]);
            }

            data.Fit();
        }

        var message = Assert.Throws<ArgumentException>(() => Give(Streamed.Cap)).Message;
        Assert.StartsWith("MemoryCap is 1,048,576 bytes, too little for a row of 280,008 bytes in batches of 64. Set ", message);
        Give(CapIn(message));
    }

    [Fact]
    public void OneGroupCannotBeDivided()
    {
        using var data = new TrainingData<float>(Streamed.Network, Streamed.Options, new(Groups: true));
        var row = Enumerable.Repeat(1f, Streamed.Columns).ToArray();
        for (var i = 0; i < 9_000; i++)
        {
            data.Training.Add(row, [i % 3], group: 4);
        }

        Assert.StartsWith("None of the 1 groups can be held out for validation", Assert.Throws<ArgumentException>(() => data.Fit()).Message);
    }

    [Fact]
    public void RowsAreCheckedAtTheDoor()
    {
        using var data = new TrainingData<float>(Streamed.Network, Streamed.Options, new(ValidationRows: true));
        var good = new float[Streamed.Columns];
        var bad = good.ToArray();
        bad[59] = float.NaN;
        data.Training.Add(good, [2]);
        void Refused(string words, Action add) => Assert.StartsWith(words, Assert.Throws<ArgumentException>(add).Message);
        Refused("Feature 59 of usable training row 1 is NaN, not finite.", () => data.Training.Add(bad, [2]));
        Refused("Feature 4 of usable training row 1 is NaN, not finite.", () => data.Training.Add([1, 4], [1, float.NaN], [2]));
        Refused("Usable training row 1 has column 60, outside 0 to 59.", () => data.Training.Add([60], [1], [2]));
        Refused("Usable training row 1 has column 3 after column 3.", () => data.Training.Add([3, 3], [1, 1], [2]));
        Refused("1 column indices do not fit 2 values.", () => data.Training.Add([3], [1, 1], [2]));
        Refused("Usable training row 1 of 59 features and 1 targets do not fit", () => data.Training.Add(good.AsSpan(1), [2]));
        Refused("The label of usable training row 1 is 3, not ", () => data.Training.Add(good, [3]));
        Refused("The weight of usable training row 1 is 0, not a finite number above 0.", () => data.Training.Add(good, [1], 0));
        Refused("The weight of usable training row 1 is 2, but no weights were announced.", () => data.Training.Add(good, [1], 2));
        Refused("The group of usable training row 1 is 5, but no groups were announced.", () => data.Training.Add(good, [1], group: 5));
        Assert.Equal(1, data.Training.Rows);
        Refused("No usable validation row was given.", () => data.Fit());
    }

    private static long CapIn(string message) => long.Parse(message.Split("Set ")[1].Split(" or")[0].Replace(",", ""));
}
