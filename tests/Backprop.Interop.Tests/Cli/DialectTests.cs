using System.Text;
using System.Text.Json;
using Backprop.Cli.Data;

namespace Backprop.Interop.Tests.Cli;

/// <summary>A table is the same table in whatever dialect it is written.</summary>
public sealed class DialectTests : IDisposable
{
    private const string Train = "train --data @f.csv --label label --task binary --hidden 4 --epochs 2 --threads 1 --model @m.zip --metrics @m.json";

    private readonly Tool tool = new();

    /// <summary>Names what is given to the tool, and how the files are written.</summary>
    public static TheoryData<string, string, string, bool> Dialects => new()
    {
        { "", ";", "\"", false },
        { "", "\t", "\"", false },
        { "", "|", "\"", false },
        { "--delimiter ;", ";", "\"", false },
        { "--delimiter tab", "\t", "\"", false },
        { "--delimiter :", ":", "\"", false },
        { "--quote '", ",", "'", false },
        { "--quote ' --delimiter |", "|", "'", false },
        { "--decimal-comma", ";", "\"", true },
        { "--decimal-comma true --delimiter ,", ",", "\"", true },
        { "--decimal-comma --delimiter ^ --quote `", "^", "`", true },
    };

    [Theory, MemberData(nameof(Dialects))]
    public void TheSameTableInAnotherDialectGivesTheSameWeightsAndPredictions(string options, string delimiter, string quote, bool decimalComma)
    {
        var dialect = new CsvDialect(delimiter[0], quote[0], decimalComma);
        tool.Write("f.csv", Table(dialect with { Delimiter = ',', Quote = '"', DecimalComma = false }));
        tool.Succeed(Train);
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        var (hash, predictions) = (Hash(), File.ReadAllText(tool["p.csv"]));

        tool.Write("f.csv", Table(dialect));
        tool.Succeed($"{Train} {options}");
        Assert.Equal(hash, Hash());

        // The model knows its dialect: predict is not told.
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        Assert.Equal(predictions, Standard(File.ReadAllText(tool["p.csv"]), dialect));
    }

    [Fact]
    public void PredictMayBeToldAnotherDialect()
    {
        tool.Write("f.csv", Table(new(';', '"', DecimalComma: true)));
        tool.Succeed($"{Train} --decimal-comma");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        tool.Write("g.csv", Table(new('|', '\'', DecimalComma: false)));
        tool.Succeed("predict --model @m.zip --data @g.csv --out @g.p.csv --quote ' --decimal-comma false");
        Assert.Equal(
            Standard(File.ReadAllText(tool["p.csv"]), new(';', '"', DecimalComma: true)),
            Standard(File.ReadAllText(tool["g.p.csv"]), new('|', '\'', DecimalComma: false)));
    }

    [Fact]
    public void WithADecimalCommaNamesWithCommasAreNoColumns()
    {
        tool.Write("f.csv", "price, EUR;amount, kg;y\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},5;{i},25;{i % 2}\n")));
        Assert.Contains(
            "30 rows, 2 feature columns",
            tool.Succeed("train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1 --decimal-comma"));
    }

    [Fact]
    public void WithoutQuotesAQuoteIsACharacter()
    {
        tool.Write("f.csv", "inch\ty\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"\"{i % 3}\t{i % 2}\n")));
        tool.Succeed("train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1 --model @m.zip --quote none");
        tool.Succeed("predict --model @m.zip --data @f.csv --out @p.csv");
        Assert.Equal(31, File.ReadAllLines(tool["p.csv"]).Length);
    }

    [Theory]
    [InlineData("a,b;c;d", ';')]
    [InlineData("\"a;b;c\",d", ',')]
    [InlineData("\"a \"\";;\"\" b\",d", ',')]
    [InlineData("a\tb,c\td", '\t')]
    [InlineData("a|b\r\n;;;;", '|')]
    [InlineData("\"a\n;;\"|b\n", '|')]
    [InlineData("5\" pipe;x,5\" tube;y", ';')]
    [InlineData("a;b,c", ',')]
    [InlineData("a", ',')]
    [InlineData("", ',')]
    public void TheHeaderShowsItsDelimiter(string text, char delimiter)
        => Assert.Equal(delimiter, HeaderDelimiter.Of(() => new MemoryStream(Encoding.UTF8.GetBytes(text)), CsvDialect.Standard));

    [Fact]
    public void AHeaderOfOneColumnGoesWithTheDecimalSign()
        => Assert.Equal(';', HeaderDelimiter.Of(() => new MemoryStream("a\n1,5\n"u8.ToArray()), CsvDialect.Standard with { DecimalComma = true }));

    [Theory]
    [InlineData("1,5", 1.5f)]
    [InlineData(" -1.234,5 ", -1234.5f)]
    [InlineData("1.234.567", 1234567f)]
    [InlineData("12.345,25e2", 1234525f)]
    [InlineData("1,5E-3", 0.0015f)]
    [InlineData(",5", 0.5f)]
    [InlineData("7", 7f)]
    [InlineData("1e3", 1000f)]
    [InlineData("NA", float.NaN)]
    [InlineData("-inf", float.NegativeInfinity)]
    public void ADecimalCommaIsRead(string text, float number)
    {
        Assert.True(NumberText.Comma.TryParse(text, out var read));
        Assert.Equal(number, read);
    }

    [Theory]
    [InlineData("1.5")]
    [InlineData("1.2345")]
    [InlineData("12.34,5")]
    [InlineData("1234.567")]
    [InlineData(".123")]
    [InlineData("1..234")]
    [InlineData("1,5,5")]
    [InlineData("1,234.5")]
    [InlineData("1.23e4")]
    [InlineData("1,5 €")]
    public void WhatIsNoNumberWithADecimalCommaIsText(string text) => Assert.False(NumberText.Comma.TryParse(text, out _));

    [Fact]
    public void ALongTextIsNoNumber() => Assert.False(NumberText.Comma.TryParse("1," + new string('0', 100), out _));

    [Theory]
    [InlineData(";", "\"", true)]
    [InlineData("\t", "'", false)]
    public void ADialectIsKeptAsText(string delimiter, string quote, bool decimalComma)
    {
        var dialect = new CsvDialect(delimiter[0], quote[0], decimalComma);
        Assert.Equal(dialect, CsvDialect.Parse(dialect.ToText()));
        dialect = dialect with { Delimiter = null, Quote = null };
        Assert.Equal(dialect, CsvDialect.Parse(dialect.ToText()));
    }

    [Fact]
    public void NumbersThatLookLikeTextAreRemarkedOn()
    {
        tool.Write("f.csv", "a;b;y\n" + string.Concat(Enumerable.Range(0, 30).Select(i => $"{i},5;{i}.5;{i % 2}\n")));
        const string Small = "train --data @f.csv --label y --task binary --hidden 2 --epochs 1 --threads 1";
        Assert.Contains("Column 'a' is read as text, but would be numbers with a decimal comma: give --decimal-comma.", tool.Succeed(Small));
        Assert.Contains(
            "Column 'b' is read as text, but would be numbers with a decimal point: leave out --decimal-comma.", tool.Succeed($"{Small} --decimal-comma"));
    }

    public void Dispose() => tool.Dispose();

    /// <summary>Texts with every delimiter and both quotes, and numbers with a fraction.</summary>
    private static string Table(CsvDialect dialect)
    {
        var random = new Random(1);
        string[] words = ["plain", "a,b;c", "d|e\tf:g^h", "\"double\"", "'single' `back`", "two\nlines"];
        var text = new StringBuilder();
        void Line(params string[] values) => text.Append(string.Join(dialect.Delimiter!.Value, values.Select(dialect.Write))).Append('\n');
        Line("size", "a word, or \"two\"", "label");
        for (var i = 0; i < 120; i++)
        {
            var size = dialect.Numbers.Write(random.NextSingle() * 2000);
            Line(size, words[random.Next(words.Length)], random.Next(2) == 0 ? "it's;so" : "no, it \"isn't\"");
        }

        return text.ToString();
    }

    /// <summary>A file of predictions as it would be with commas and points.</summary>
    private static string Standard(string predictions, CsvDialect dialect)
    {
        var source = new CsvSource("the predictions", () => new MemoryStream(Encoding.UTF8.GetBytes(predictions))) { Dialect = dialect };
        var standard = new CsvDialect(',', '"', DecimalComma: false);
        using var rows = source.Read();
        var text = new StringBuilder(string.Join(',', rows.Columns) + "\n");
        while (rows.Read())
        {
            Assert.True(dialect.Numbers.TryParse(rows[1], out var probability));
            text.Append($"{standard.Write(rows[0].ToString())},{NumberText.Point.Write(probability)}\n");
        }

        return text.ToString();
    }

    private string Hash() => JsonDocument.Parse(File.ReadAllText(tool["m.json"])).RootElement.GetProperty("weightHash").GetString()!;
}
