// A sheet to draw on. Its value is the data URL of a PNG; "" is a blank sheet.
const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
const pen = 16;
let strokes = [];
let image = null;

function paint() {
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (image) context.drawImage(image, 0, 0, canvas.width, canvas.height);
  context.strokeStyle = context.fillStyle = "black";
  context.lineWidth = pen;
  context.lineCap = context.lineJoin = "round";
  for (const stroke of strokes) {
    context.beginPath();
    context.moveTo(...stroke[0]);
    // A line to where it began is a dot.
    for (const point of stroke) context.lineTo(...point);
    context.stroke();
  }
}

function tell() {
  props.value = strokes.length || image ? canvas.toDataURL("image/png") : "";
}

function place(event) {
  const sheet = canvas.getBoundingClientRect();
  return [
    ((event.clientX - sheet.left) * canvas.width) / sheet.width,
    ((event.clientY - sheet.top) * canvas.height) / sheet.height,
  ];
}

function show(value) {
  strokes = [];
  image = null;
  paint();
  if (!value) return;
  const loading = new Image();
  loading.onload = () => {
    image = loading;
    paint();
  };
  loading.src = value;
}

let drawing = false;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  event.preventDefault();
  canvas.setPointerCapture(event.pointerId);
  drawing = true;
  strokes.push([place(event)]);
  paint();
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawing) return;
  strokes.at(-1).push(place(event));
  paint();
});
for (const end of ["pointerup", "pointercancel"]) {
  canvas.addEventListener(end, () => {
    if (!drawing) return;
    drawing = false;
    tell();
  });
}
element.querySelector(".undo").addEventListener("click", () => {
  if (strokes.length) strokes.pop();
  else image = null;
  paint();
  tell();
});
element.querySelector(".clear").addEventListener("click", () => {
  strokes = [];
  image = null;
  paint();
  tell();
});
// Only what the server sends, an upload or an example, arrives here.
watch("value", () => show(props.value));
show(props.value);
