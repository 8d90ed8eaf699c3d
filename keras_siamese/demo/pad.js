// A sheet to draw on. Its value is the data URL of an image: of the sheet, or of an upload or a
// camera's picture that nothing was drawn on; "" is a blank sheet.
const canvas = element.querySelector("canvas");
const context = canvas.getContext("2d");
const pen = 16;
let strokes = [];
let image = null;
let source = "";

function paint() {
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  if (image) lay();
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

// Lays the image on the sheet as large as fits, in the middle of its own ground.
function lay() {
  const scale = Math.min(canvas.width / image.width, canvas.height / image.height);
  const width = image.width * scale;
  const height = image.height * scale;
  const left = (canvas.width - width) / 2;
  const top = (canvas.height - height) / 2;
  context.drawImage(image, left, top, width, height);
  const corner = context.getImageData(Math.ceil(left), Math.ceil(top), 1, 1).data;
  context.fillStyle = `rgb(${corner[0]}, ${corner[1]}, ${corner[2]})`;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(image, left, top, width, height);
}

function tell() {
  props.value = strokes.length ? canvas.toDataURL("image/png") : image ? source : "";
  trigger("input");
}

function place(event) {
  const sheet = canvas.getBoundingClientRect();
  return [
    ((event.clientX - sheet.left) * canvas.width) / sheet.width,
    ((event.clientY - sheet.top) * canvas.height) / sheet.height,
  ];
}

function clear() {
  stop();
  strokes = [];
  image = null;
  paint();
}

function show(value) {
  clear();
  if (!value) return;
  const loading = new Image();
  loading.onload = () => {
    image = loading;
    source = value;
    paint();
  };
  loading.src = value;
}

// The camera's picture runs on the sheet until it is taken.
const camera = element.querySelector(".camera");
let video = null;

async function start() {
  const size = { width: { ideal: 1280 }, height: { ideal: 960 } };
  const wish = { video: { facingMode: "environment", ...size } };
  const stream = await navigator.mediaDevices.getUserMedia(wish);
  clear();
  video = document.createElement("video");
  video.srcObject = stream;
  video.muted = video.playsInline = true;
  await video.play();
  image = document.createElement("canvas");
  image.width = video.videoWidth;
  image.height = video.videoHeight;
  camera.textContent = "Take the picture";
  run();
}

function run() {
  if (!video) return;
  image.getContext("2d").drawImage(video, 0, 0);
  paint();
  requestAnimationFrame(run);
}

function stop() {
  if (!video) return;
  for (const track of video.srcObject.getTracks()) track.stop();
  video = null;
  camera.textContent = "Camera";
}

camera.addEventListener("click", async () => {
  if (video) {
    stop();
    source = image.toDataURL("image/jpeg", 0.95);
    tell();
    return;
  }
  try {
    await start();
  } catch {
    clear();
    camera.textContent = "No camera";
  }
});
// Browsers give it to pages of this machine and to those of https alone.
camera.hidden = !navigator.mediaDevices?.getUserMedia;

let drawing = false;
canvas.addEventListener("pointerdown", (event) => {
  if (event.button !== 0 || video) return;
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
  stop();
  if (strokes.length) strokes.pop();
  else image = null;
  paint();
  tell();
});
element.querySelector(".clear").addEventListener("click", () => {
  clear();
  tell();
});
// Only what the server sends, an upload or an example, arrives here.
watch("value", () => {
  show(props.value);
  trigger("input");
});
show(props.value);
