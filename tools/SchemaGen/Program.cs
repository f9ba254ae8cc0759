using SchemaGen;

// dotnet run --project tools/SchemaGen -- FIELDS-TABLE WIRE-NUMBERS OUTPUT
// Reads the model classes of the KubernetesClient package and two tables of what they do not say.
if (args.Length != 3)
{
    Console.Error.WriteLine("usage: SchemaGen FIELDS-TABLE WIRE-NUMBERS OUTPUT");
    return 2;
}

var table = FieldTable.Read(args[0]);
var models = ModelTypes.Collect();
var text = SchemaWriter.Write(models, table, WireNumbers.Read(args[1]));
foreach (var unused in table.Unused())
    Console.Error.WriteLine($"{args[0]}: {unused}: no such field in the models");
File.WriteAllText(args[2], text);
Console.WriteLine($"{args[2]}: {models.Count} types, {text.Length} characters");
return table.Unused().Any() ? 1 : 0;
