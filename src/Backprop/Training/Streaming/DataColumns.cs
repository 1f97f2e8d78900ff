namespace Backprop.Training;

/// <summary>What is given with each row of <see cref="TrainingData{T}"/>, besides features and targets.</summary>
/// <param name="Weights">Whether rows have weights.</param>
/// <param name="Groups">Whether training rows have groups, which are held out as a whole.</param>
/// <param name="ValidationRows">Whether validation rows will be given; else they are split off.</param>
/// <param name="DenseFeatures">Whether features are kept with their zeros even where these are most: as is done for a network that takes no others.</param>
public readonly record struct DataColumns(bool Weights = false, bool Groups = false, bool ValidationRows = false, bool DenseFeatures = false);
