namespace Backprop.Interop.Tests.Cli;

/// <summary>Every mistake a user can make ends with exit code 2, one sentence, and nothing half-written.</summary>
public sealed class ErrorTests(ErrorTests.Trained trained) : IClassFixture<ErrorTests.Trained>
{
    private const string Good = "a,colour,y\n1,red,0\n2,blue,1\n3,red,0\n4,blue,1\n";

    /// <summary>Enough rows for some to be held out.</summary>
    private static readonly string Long = "a,y\n" + string.Concat(Enumerable.Range(0, 40).Select(i => $"{i},{i}\n"));

    private const string Binary = "train --data @f.csv --label y --task binary";

    private const string Multiclass = "train --data @f.csv --label y --task multiclass";

    private const string Regression = "train --data @f.csv --label y --task regression";

    private const string Predict = "predict --model @good.zip --data @f.csv --out @p.csv";

    private const string Outputs = "--model @m.zip --metrics @m.json --html @r.html";

    private const string Header =
        """{"0.weight":{"dtype":"F16","shape":[1,1],"data_offsets":[0,2]},"0.bias":{"dtype":"F16","shape":[1],"data_offsets":[2,4]}}""";

    /// <summary>Safetensors of 1-1: the header's length in eight bytes, the header, a NaN and 0 in float16.</summary>
    private static readonly string NaN = $"{(char)Header.Length}\0\0\0\0\0\0\0{Header}\u0001|\0\0";

    private static readonly Mistake[] mistakes =
    [
        new("train without data", "train --label y --task binary", "", "'--data'"),
        new("train without label", "train --data @f.csv --task binary", Good, "'--label'"),
        new("train without task", "train --data @f.csv --label y", Good, "'--task'"),
        new("unknown command", "fly", "", "'fly'", "train, predict, audit, textbook, demo"),
        new("unknown option", $"{Binary} --colour red", Good, "'--colour'"),
        new("missing file", "train --data @none.csv --label y --task binary", "", "none.csv", "no file"),
        new("missing test file", $"{Binary} --test @none.csv", Good, "none.csv", "no file"),
        new("folder as file", "train --data / --label y --task binary", "", "folder"),
        new("empty file", Binary, "", "f.csv", "empty"),
        new("header only", Binary, "a,y\n", "f.csv", "no rows"),
        new("column without a name", Binary, "a,,y\n1,2,0\n", "Column 2", "no name"),
        new("two columns of one name", Binary, "a,a,y\n1,2,0\n", "2 columns named 'a'"),
        new("row too short", Binary, "a,b,y\n1,2,0\n3,1\n", "row 2 (line 3)", "2 values", "3 columns"),
        new("row too long after a value of two lines", Binary, "a,y\n\"1\n\",0\n3,1,4\n", "row 2 (line 4)", "3 values", "2 columns"),
        new("quote never closed", Binary, "a,y\n1,0\n\"3,1\n4,0\n", "line 3", "quotes"),
        new("text after a quote", Binary, "a,y\n1,0\n\"3\"x,1\n", "line 3", "quotes"),
        new("unknown label", "train --data @f.csv --label z --task binary", Good, "no column 'z'", "a, colour, y"),
        new("nothing but a label", Binary, "y\n0\n1\n", "no column", "'y'"),
        new("no label on any row", Binary, "a,y\n1,\n2,\n", "No row", "'y'"),
        new("binary label of one class", Binary, "a,y\n1,0\n2,0\n", "'y'", "one class", "'0'"),
        new("multiclass label of one class", Multiclass, "a,y\n1,x\n2,x\n", "'y'", "one class", "'x'"),
        new("binary label of three classes", Binary, "a,y\n1,0\n2,1\n3,2\n", "3 classes", "--task multiclass"),
        new("positive value that is none", $"{Binary} --positive 2", Good, "--positive '2'", "'0' or '1'"),
        new("positive value of a multiclass task", $"{Multiclass} --positive 1", Good, "--positive '1'", "--task binary"),
        new("text label for a regression", "train --data @f.csv --label colour --task regression", Good, "'colour'", "'red'", "line 2",
            "regression"),
        new("infinite label for a regression", Regression, "a,y\n1,1\n2,-inf\n", "'y'", "-inf", "line 3"),
        new("infinite feature", Binary, "a,y\n1,0\ninf,1\n", "'a'", "infinite", "row 2 (line 3)"),
        new("feature beyond a float", Binary, "a,y\n1,0\n-1e39,1\n", "'a'", "infinite", "'-1e39'", "row 2 (line 3)"),
        new("test file without a column", $"{Binary} --test @t.csv", Good, "no column 'a'") { Other = "colour,y\nred,0\n" },
        new("text where training saw numbers", $"{Binary} --test @t.csv", Good, "'a'", "numeric", "'x'", "row 1 (line 2)")
        {
            Other = "a,colour,y\nx,red,0\n",
        },
        new("test file of one class", $"{Binary} --test @t.csv", Good, "t.csv", "one class") { Other = "a,colour,y\n1,red,0\n" },
        new("class that training has not seen", $"{Multiclass} --test @t.csv", Good, "'9'", "line 3", "0, 1")
        {
            Other = "a,colour,y\n1,red,0\n1,red,9\n",
        },
        new("task without a trainer", "train --data @f.csv --label y --task gaussian", Good, "task 'gaussian'", "quantile"),
        new("task with an unknown option", "train --data @f.csv --label y --task multiclass(smooth=1)", Good, "smooth=1"),
        new("task with a loss that is none", "train --data @f.csv --label y --task regression(hober(1))", Good, "'hober'", "huber"),
        new("quantile of one level", "train --data @f.csv --label y --task quantile(0.5)", Good, "quantile(0.5)", "pinball(0.5)"),
        new("quantiles of one level twice", "train --data @f.csv --label y --task quantile(0.5,0.5)", Good, "quantile(0.5,0.5)", "all different"),
        new("quantile beyond 1", "train --data @f.csv --label y --task quantile(0.5,1.5)", Good, "1.5", "between 0 and 1"),
        new("classes as probabilities", "train --data @f.csv --label y --task multiclass(probabilities)", Good, "'probabilities'"),
        new("weights of too few classes", "train --data @f.csv --label a --task multiclass(weights=1)", Good, "1 weights", "4 outputs"),
        new("negative count", "train --data @f.csv --label y --task poisson", "a,y\n1,2\n2,-1\n", "'y'", "'-1'", "line 3", "counts"),
        new("several classes to predict", "train --data @f.csv --label a,y --task binary", Good, "2 columns", "binary"),
        new("several labels, one unknown", "train --data @f.csv --label y,z --task regression", Good, "no column 'z'"),
        new("several labels, one text", "train --data @f.csv --label y,colour --task regression", Good, "'colour'", "'red'", "line 2"),
        new("one label twice", "train --data @f.csv --label y,y --task regression", Good, "'y'", "twice"),
        new("one column for two uses", $"{Binary} --weight y", Good, "'y'", "--label", "--weight"),
        new("unknown weight", $"{Binary} --weight w", Good, "no column 'w'", "a, colour, y"),
        new("unknown column to ignore", $"{Binary} --ignore a,z", Good, "no column 'z'"),
        new("all columns ignored", $"{Binary} --ignore a,colour", Good, "no column", "'y'", "--ignore 'a'"),
        new("weight in words", $"{Binary} --weight colour", Good, "'colour'", "numeric", "'red'", "row 1 (line 2)"),
        new("infinite weight", $"{Binary} --weight w", "a,w,y\n1,1,0\n2,inf,1\n", "'w'", "infinite", "row 2 (line 3)"),
        new("no positive weight", $"{Binary} --weight w", "a,w,y\n1,0,0\n2,-1,1\n", "None of the 2 training rows", "2 with a weight"),
        new("hash of no bits", $"{Binary} --hash-bits 0", Good, "--hash-bits", "'0'", "from 1 to 20"),
        new("delimiter of two characters", $"{Binary} --delimiter ::", Good, "--delimiter", "'::'", "tab"),
        new("delimiter that numbers hold", $"{Binary} --delimiter .", Good, "--delimiter", "'.'"),
        new("delimiter that is the quote", $"{Binary} --delimiter ' --quote '", Good, "--delimiter", "--quote", "two different"),
        new("quote that is a letter", $"{Binary} --quote q", Good, "--quote", "'q'", "none"),
        new("delimiter the file does not have", $"{Binary} --delimiter ;", Good, "no column 'y'", "semicolons", "a,colour,y", "--delimiter"),
        new("row too short between semicolons", Binary, "a;b;y\n1;2;0\n3;1\n", "row 2 (line 3)", "2 values", "hold semicolons"),
        new("single quote never closed", $"{Binary} --quote '", "a,y\n1,0\n'3,1\n4,0\n", "line 3", "Close each '"),
        new("decimal comma not told, in a label", "train --data @f.csv --label y --task regression", "a;y\n1;2,5\n2;3,5\n", "'2,5'", "line 2",
            "--decimal-comma"),
        new("decimal comma in words", $"{Binary} --decimal-comma maybe", Good, "maybe"),
        new("validation fraction of 1", $"{Binary} --validation-fraction 1", Good, "--validation-fraction", "'1'", "below 1"),
        new("no patience", $"{Binary} --patience 0", Good, "--patience", "'0'"),
        new("schedule of L-BFGS", $"{Regression} --optimizer lbfgs --schedule cosine", Long, "Schedule", "Lbfgs"),
        new("hidden units of 0", $"{Binary} --hidden 8,0", Good, "--hidden", "'8,0'", "1 to 1048576"),
        new("hidden units in words", $"{Binary} --hidden wide", Good, "--hidden", "'wide'"),
        new("hidden units with a comma too many", $"{Binary} --hidden 8,", Good, "--hidden", "'8,'"),
        new("no epochs", $"{Binary} --epochs 0", Good, "--epochs", "'0'", "from 1"),
        new("half an epoch", $"{Binary} --epochs 1.5", Good, "--epochs", "'1.5'"),
        new("negative batch", $"{Binary} --batch -3", Good, "--batch", "'-3'"),
        new("unknown activation", $"{Binary} --activation rely", Good, "activation 'rely'", "relu"),
        new("unknown optimizer", $"{Binary} --optimizer adm", Good, "optimizer 'adm'", "adam"),
        new("unknown task", "train --data @f.csv --label y --task binry", Good, "task 'binry'", "multiclass"),
        new("learning rate of 0", $"{Binary} --learning-rate 0", Good, "--learning-rate", "'0'", "above 0"),
        new("learning rate that is no number", $"{Binary} --learning-rate NaN", Good, "--learning-rate", "'NaN'"),
        new("learning rate beyond all measure", $"{Regression} --optimizer sgd --learning-rate 1e30", Long, "Lower the learning rate"),
        new("seed in words", $"{Binary} --seed lucky", Good, "--seed", "'lucky'"),
        new("odd vector width", $"{Binary} --vector-bits 100", Good, "--vector-bits", "'100'"),
        new("model into no folder", $"{Binary} --model @none/m.zip", Good, "m.zip", "no folder"),
        new("metrics onto a folder", $"{Binary} --metrics /", Good, "folder"),
        new("report onto a device", $"{Binary} --html /dev/null", Good, "/dev/"),
        new("checkpoint into no folder", $"{Binary} --checkpoint @none/c", Good, "'", "no folder"),
        new("checkpoint that is none", $"{Regression} --checkpoint @t.csv", Long, "t.csv", "does not begin as a checkpoint") { Other = "a,b\n" },
        new("checkpoint over the model", $"{Binary} --checkpoint @m.zip", Good, "m.zip", "twice"),
        new("hashed texts in C#", $"{Binary} --preset plain --csharp @n.cs",
            "a,y\n" + string.Concat(Enumerable.Range(0, 600).Select(i => $"t{i / 2},{i % 2}\n")), "--csharp", "'a'", "--ignore a"),
        new("memory cap of 0", $"{Binary} --memory-cap 0", Good, "--memory-cap", "'0'"),
        new("output over input", $"{Binary} --model @f.csv", Good, "f.csv", "twice"),
        new("continued from no model", $"{Binary} --continue @none.zip", Good, "none.zip", "no file"),
        new("continued from what is no model", $"{Binary} --continue @t.csv", Good, "t.csv", "cannot be read as a model") { Other = "x" },
        new("continued for another task", $"{Regression} --continue @good.zip", Good, "good.zip", "for binary, not for regression"),
        new("continued with other options of the task", "train --data @f.csv --label y --task binary(positive=2) --continue @good.zip", Good,
            "binary(positive=2)"),
        new("continued with other layers", $"{Binary} --continue @good.zip --hidden 3", Good, "--hidden", "Leave it out"),
        new("continued with another hash", $"{Binary} --continue @good.zip --hash-bits 3", Good, "--hash-bits", "Leave it out"),
        new("continued with another positive class", $"{Binary} --continue @good.zip --positive 0", Good, "--positive '0'", "'1'"),
        new("continued on another class", $"{Binary} --continue @good.zip", "a,colour,y\n1,red,0\n2,red,7\n", "'7'", "line 3", "0, 1"),
        new("continued without a column", $"{Binary} --continue @good.zip", "a,y\n1,0\n2,1\n", "no column 'colour'"),
        new("continued with a feature as label", "train --data @f.csv --label colour --task binary --continue @good.zip", Good, "'colour'", "predicts from it"),
        new("group with nothing held out", $"{Binary} --group colour --validation-fraction 0", Good, "--group 'colour'", "--validation-fraction 0"),
        new("group with validation rows", $"{Binary} --group colour --validation @t.csv", Good, "--group 'colour'", "--validation") { Other = Good },
        new("unknown group", $"{Binary} --group g", Good, "no column 'g'"),
        new("validation file without a column", $"{Binary} --validation @t.csv", Good, "t.csv", "no column 'a'") { Other = "colour,y\nred,0\n" },
        new("threshold of 1", $"{Binary} --threshold 1", Good, "--threshold", "'1'"),
        new("checkpoint over the training file", $"{Binary} --checkpoint @f.csv", Good, "--checkpoint", "also a file to read"),
        new("threshold of 0", $"{Binary} --threshold 0", Good, "--threshold", "'0'"),
        new("threshold of a regression", "train --data @f.csv --label y --task regression --threshold 0.3", Good, "--threshold", "not of regression"),
        new("flag in words", $"{Binary} --keep-best maybe", Good, "'maybe'"),
        new("predict with no model", "predict --model @none.zip --data @f.csv --out @p.csv", Good, "none.zip", "no file"),
        new("predict with a broken model", "predict --model @f.csv --data @t.csv --out @p.csv", "not a zip", "f.csv",
            "cannot be read as a model")
        {
            Other = Good,
        },
        new("predict with half a model", "predict --model @half.zip --data @f.csv --out @p.csv", Good, "half.zip",
            "cannot be read as a model"),
        new("predict without a column", Predict, "colour\nred\n", "no column 'a'"),
        new("predict from text in a numeric column", Predict, "a,colour\nx,red\n", "'a'", "'x'", "row 1 (line 2)"),
        new("predict from an infinite number", Predict, "a,colour\n1,red\nInfinity,red\n", "'a'", "infinite", "row 2 (line 3)"),
        new("predict from a header only", Predict, "a,colour\n", "no rows"),
        new("predict from points where training saw decimal commas", "predict --model @good.zip --data @f.csv --out @p.csv --decimal-comma",
            "a;colour\n1.5;red\n", "'a'",
            "'1.5'", "row 1 (line 2)"),
        new("predict into no folder", "predict --model @good.zip --data @f.csv --out @none/p.csv", Good, "p.csv", "no folder"),
        new("audit without a network", "audit", "", "--mlp 784-256-128-10"),
        new("audit of everything and a network", "audit --all --mlp 4-3", "", "--mlp", "with --all"),
        new("audit of a network, quickly", "audit --mlp 4-3 --quick", "", "--quick", "belongs to --all"),
        new("audit of no model", "audit --model @none.zip", "", "none.zip", "no file"),
        new("audit of what is no model", "audit --model @f.csv", "a,b\n", "f.csv", "cannot be read as a model"),
        new("audit of weights of no network", "audit --model @w.safetensors", "", "--mlp"),
        new("audit of weights that are none", "audit --model @f.safetensors --mlp 4-3", "", "f.safetensors", "no file"),
        new("audit of weights that are cut off", "audit --model @w.safetensors --mlp 4-3", "", "w.safetensors", "fewer than 8 bytes"),
        new("audit of weights of another network", "audit --model @w.safetensors --mlp 1-2", "", "w.safetensors", "[1, 1], not [2, 1]") { Weights = NaN },
        new("audit of a weight that is no number", "audit --model @w.safetensors --mlp 1-1", "", "w.safetensors", "0.weight [0, 0] is NaN") { Weights = NaN },
        new("audit of a model whose network is given again", "audit --model @good.zip --mlp 4-3", "", "good.zip", "Leave out --mlp"),
        new("audit of a model with an activation", "audit --model @good.zip --activation relu", "", "--activation", "belongs to --mlp"),
        new("audit of a network too large", "audit --mlp 1000000-1000000-10", "", "--mlp"),
        new("audit of a network too large for memory", "audit --mlp 16000-16000-10", "", "--mlp", "takes about", "GB, and there are", "smaller network"),
        new("audit of too many rows for memory", "audit --mlp 100-100000-10 --batch 100000", "", "--mlp", "100000 rows takes about", "Give fewer rows"),
        new("audit of rows without a model", "audit --mlp 4-3 --data @f.csv", Good, "--data", "belongs to --model"),
        new("audit of rows that lack a column", "audit --model @good.zip --data @f.csv", "colour\nred\n", "no column 'a'"),
        new("audit of rows over the report", "audit --model @good.zip --data @f.csv --html @f.csv", Good, "f.csv", "twice"),
        new("audit of a case that is none", "audit --case rows=3", "", "--case", "has no head"),
        new("audit of fewer than no networks", "audit --all --cases -1", "", "--cases", "'-1'"),
        new("audit of a network in words", "audit --mlp 4-wide-3", "", "--mlp", "'wide'", "784-256-128-10"),
        new("audit of a network of one size", "audit --mlp 4", "", "--mlp", "1 sizes"),
        new("audit of a layer of 0 units", "audit --mlp 4-0-3", "", "--mlp", "Layer size 2 is 0"),
        new("audit of a binary network of 3 outputs", "audit --mlp 4-3 --task binary", "", "--mlp", "1 output"),
        new("audit with an unknown activation", "audit --mlp 4-3 --activation rely", "", "activation 'rely'"),
        new("audit with an unknown task", "audit --mlp 4-3 --task binry", "", "task 'binry'"),
        new("audit of no steps", "audit --mlp 4-3 --steps 0", "", "--steps", "'0'"),
        new("audit into no folder", "audit --mlp 4-3 --json @none/a.json", "", "a.json", "no folder"),
        new("demo into a file", "demo --out @f.csv", "x", "--out", "f.csv"),
        new("demo without its name, into a file", "--out @f.csv", "x", "--out", "f.csv"),
    ];

    public static TheoryData<string> Names => [.. mistakes.Select(m => m.Name)];

    [Theory, MemberData(nameof(Names))]
    public void AMistakeIsOneSentenceWithExitCode2(string name)
    {
        using var tool = new Tool();
        var mistake = mistakes.Single(m => m.Name == name);
        tool.Write("f.csv", mistake.File);
        tool.Write("t.csv", mistake.Other);
        tool.Write("w.safetensors", mistake.Weights);
        File.WriteAllBytes(tool["good.zip"], trained.Model);
        File.WriteAllBytes(tool["half.zip"], trained.Model[..(trained.Model.Length / 2)]);
        var before = tool.Files;

        var namesOutput = new[] { "--model", "--metrics", "--html" }.Any(mistake.Command.Contains);
        var trains = mistake.Command.StartsWith("train --data", StringComparison.Ordinal);
        var run = tool.Run($"{mistake.Command} {(trains && !namesOutput ? Outputs : "")}");

        Assert.True(run.ExitCode == 2, $"'{mistake.Command}' ended with {run.ExitCode}, not 2: {run.Error}");
        var sentence = run.Error.TrimEnd('\n');
        Assert.True(sentence.Length > 0 && !sentence.Contains('\n'), $"'{mistake.Command}' said, not in one line: {run.Error}");
        Assert.DoesNotContain("unexpected", sentence);
        Assert.DoesNotContain("Exception", sentence);
        Assert.All(mistake.Says, word => Assert.Contains(word, sentence, StringComparison.Ordinal));
        Assert.Equal(before, tool.Files);
    }

    [Fact]
    public void AnOutputKeepsItsOldContentWhenTheRunFails()
    {
        using var tool = new Tool();
        tool.Write("f.csv", "a,y\n1,0\n2,0\n");
        tool.Write("m.zip", "old");
        Assert.Equal(2, tool.Run($"{Binary} --model @m.zip").ExitCode);
        Assert.Equal("old", File.ReadAllText(tool["m.zip"]));
    }

    /// <summary>A way to get it wrong.</summary>
    private sealed record Mistake(string Name, string Command, string File, params string[] Says)
    {
        /// <summary>The content of t.csv.</summary>
        public string Other { get; init; } = "";

        /// <summary>The content of w.safetensors, whose bytes are ASCII's.</summary>
        public string Weights { get; init; } = "";
    }

    /// <summary>A model trained once, on columns a and colour.</summary>
    public sealed class Trained
    {
        public Trained()
        {
            using var tool = new Tool();
            tool.Write("f.csv", Good);
            tool.Succeed($"{Binary} --epochs 1 --hidden 2 --threads 1 --model @m.zip");
            Model = File.ReadAllBytes(tool["m.zip"]);
        }

        internal byte[] Model { get; }
    }
}
