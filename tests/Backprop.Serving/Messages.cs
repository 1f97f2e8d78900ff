namespace Backprop.Serving;

/// <summary>What a request sends: the features of one row.</summary>
public sealed record ClassificationRequest(float[]? Features);

/// <summary>What it gets: the class, the probability of each class, and which model said so.</summary>
public sealed record Classification(string PredictedLabel, float[] Score, string Model);

/// <summary>Which model is served, and how many features it takes.</summary>
public sealed record ModelDescription(string Model, int Features);

/// <summary>The columns the model reads.</summary>
public sealed class ClassifierInput
{
    /// <summary>The column of features.</summary>
    public float[] Features { get; set; } = [];

    /// <summary>Not used: but a pipeline that maps labels to keys asks for the column also when it scores.</summary>
    public string Label { get; set; } = "";
}

/// <summary>The columns it writes.</summary>
public sealed class ClassifierOutput
{
    /// <summary>The class, mapped back from its key.</summary>
    public string PredictedLabel { get; set; } = "";

    /// <summary>The probability of each class.</summary>
    public float[] Score { get; set; } = [];
}
