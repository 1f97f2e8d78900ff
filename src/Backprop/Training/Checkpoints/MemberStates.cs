namespace Backprop.Training;

/// <summary>The states of several networks in one checkpoint: when one saves, the others' last states are saved with it.</summary>
/// <param name="file">The checkpoint.</param>
/// <param name="members">How many networks there are.</param>
internal sealed class MemberStates(Checkpoint file, int members)
{
    private readonly Lock saving = new();
    private readonly byte[][] states = [.. Enumerable.Repeat(Array.Empty<byte>(), members)];

    /// <summary>Loads what all have saved, if there is a file.</summary>
    /// <exception cref="InvalidDataException">It is damaged, or of another run.</exception>
    public void TryLoad() => file.TryLoad(Exchange);

    /// <summary>Where one of them keeps its state.</summary>
    /// <param name="member">Its number, from 0.</param>
    public IStateKeeper Of(int member) => new Part(this, member);

    private void Save() => file.Save(Exchange);

    private void Exchange(StateStream stream)
    {
        foreach (ref var state in states.AsSpan())
        {
            var length = stream.Count(state.Length, Array.MaxLength);
            state = stream.Loads ? new byte[length] : state;
            stream.Exchange(state.AsSpan());
        }
    }

    private sealed class Part(MemberStates all, int member) : IStateKeeper
    {
        public void Save(Action<StateStream> exchange)
        {
            using var state = new MemoryStream(all.states[member].Length);
            exchange(new StateWriter(state));
            lock (all.saving)
            {
                all.states[member] = state.ToArray();
                all.Save();
            }
        }

        public bool TryLoad(Action<StateStream> exchange)
        {
            if (all.states[member] is not { Length: > 0 } saved)
            {
                return false;
            }

            using var state = new MemoryStream(saved);
            try
            {
                exchange(new StateReader(state));
            }
            catch (EndOfStreamException exception)
            {
                throw new InvalidDataException(
                    $"The checkpoint's state of member {member + 1} ends too soon. Delete it and train anew.", exception);
            }

            return state.Position == state.Length
                ? true
                : throw new InvalidDataException($"The checkpoint holds more than the state of member {member + 1}. Delete it and train anew.");
        }
    }
}
